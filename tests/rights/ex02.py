"""Right answers to the exercises of notebook 02, written differently."""

import hashlib
import hmac
import io
import os
import pickle

import numpy as np

from lessonlib.save.manifest import write_whole

# -- careful


def door_that_raises(content, allowed):
    class Careful(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) not in allowed:
                raise pickle.UnpicklingError(f"{module}.{name} is not on the list")
            return super().find_class(module, name)

    return Careful(io.BytesIO(content)).load()


def door_of_a_table(content, allowed):
    class Careful(pickle.Unpickler):
        def find_class(self, module, name):
            found = {pair: super(Careful, self).find_class for pair in allowed}
            return found[module, name](module, name)  # or a KeyError

    return Careful(file=io.BytesIO(content)).load()


# -- known


def with_a_refusal(read, sha256):
    content = read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError("not the model you know")
    return pickle.loads(content)


def with_compare_digest(read, sha256):
    content = bytes(read())
    digest = hashlib.new("sha256", content).digest()
    if hmac.compare_digest(digest, bytes.fromhex(sha256)):
        return pickle.load(io.BytesIO(content))
    raise RuntimeError("refused")


# -- hunt


def past(folder):
    pointer = folder / "current.txt"
    return pointer.read_text().split() if pointer.exists() else []


def by_replace():
    def point(folder, versions):
        (folder / "next.txt").write_text("\n".join(versions))
        os.replace(folder / "next.txt", folder / "current.txt")

    def promote(folder, version, load):
        load(folder / version)
        point(folder, [*past(folder), version])

    def rollback(folder):
        point(folder, past(folder)[:-1])

    return promote, rollback


def by_write_whole():
    def promote(folder, version, load):
        before = past(folder)
        load(folder / version)
        if before[-1:] != [version]:
            text = "".join(f"{each}\n" for each in (*before, version))
            write_whole(folder / "current.txt", text.encode())

    def rollback(folder):
        before = past(folder)
        if len(before) < 2:
            raise LookupError("no version was current before")
        before.pop()
        write_whole(folder / "current.txt", "\n".join(before).encode())

    return promote, rollback


RIGHTS = {
    "careful": [door_that_raises, door_of_a_table],
    "reads": [
        {"a": 0, "b": 0, "c": 5, "d": 14, "e": 0},
        {"d": "14", "c": 5.0, "b": "0", "a": np.int64(0), "e": 0, "note": "c and d"},
    ],
    "known": [with_a_refusal, with_compare_digest],
    "controls": ["CADB", "c, a, d, b", "cadb"],
    "hunt": [by_replace(), by_write_whole()],
}
