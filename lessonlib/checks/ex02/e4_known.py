"""Is a file loaded only if its hash agrees? `load_known(read, sha256)`."""

import hashlib
import pickle
from collections.abc import Callable
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex02.pickles import ended, refused, trap
from lessonlib.checks.probes import Broken, call, expect

GOOD = pickle.dumps({"digit": 3})


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _good(load_known: Any) -> None:
    """the bytes that you know are loaded"""
    model = call(load_known, lambda: GOOD, _sha256(GOOD))
    called = "load_known of the known bytes"
    hint = "print the two things that you compare"
    expect(model, {"digit": 3}, called=called, hint=hint)


def _other(load_known: Any) -> None:
    """other bytes are refused with an exception, before a single instruction is run"""
    with trap() as (content, ran):
        said_no = refused(load_known, lambda: content, _sha256(GOOD))
        if ran.exists():
            message = "other bytes than the known ones ran their command"
            raise Broken(message, "in which order do you hash, compare and load?")
    if not said_no:
        message = "other bytes than the known ones raised no exception"
        raise Broken(message, "does a caller look at what a refused load returns?")


def _digits(load_known: Any) -> None:
    """all 64 digits have to agree"""
    known = _sha256(GOOD)
    for n in (8, 16, 63):
        near = known[:n] + "".join("1" if d == "0" else "0" for d in known[n:])
        if not refused(load_known, lambda: GOOD, near):
            message = f"a hash of which only {n} digits agree was taken for the same"
            raise Broken(message, "how many digits can a forger try out?")


def _read_once(good: bytes, then: bytes) -> Callable[[], bytes]:
    """Return a `read` that gives `good` the first time, and `then` ever after."""
    contents = [good]
    return lambda: contents.pop() if contents else then


def _same(load_known: Any) -> None:
    """what is loaded is what was hashed, even if the file changes in between"""
    with trap() as (content, ran):
        load_known(_read_once(GOOD, content), _sha256(GOOD))
        if ran.exists():
            message = "the file was changed after it was hashed, and its command ran"
            raise Broken(message, "how often does your function call read()?")


def _probe(answer: Any) -> list[Any]:
    known, found = _sha256(GOOD), []
    with trap() as (content, ran):
        found += [ended(answer, lambda: content, known), ran.exists()]
    with trap() as (content, ran):
        refused(answer, _read_once(GOOD, content), known)
        found.append(ran.exists())
    return [
        *found,
        ended(answer, lambda: GOOD, known),
        ended(answer, lambda: GOOD, known[:8] + 56 * "x"),
        ended(answer, lambda: GOOD, hashlib.sha256(GOOD).digest()),
    ]


def _loaded_first(read, sha256):
    content = read()
    model = pickle.loads(content)
    if _sha256(content) != sha256:
        raise ValueError("not the model you know")
    return model


def _eight_digits(read, sha256):
    content = read()
    if _sha256(content)[:8] != sha256[:8]:
        raise ValueError("not the model you know")
    return pickle.loads(content)


def _read_twice(read, sha256):
    if _sha256(read()) != sha256:
        raise ValueError("not the model you know")
    return pickle.loads(read())


def _softly(read, sha256):
    content = read()
    return pickle.loads(content) if _sha256(content) == sha256 else None


def _bytes_for_digits(read, sha256):
    content = read()
    if hashlib.sha256(content).digest() != sha256:
        raise ValueError("not the model you know")
    return pickle.loads(content)


MISTAKES = (
    Mistake(
        "loaded first",
        "the refusal comes, and it comes too late: by then the file has been loaded, "
        "and its command has run. Which of your lines has to be the last?",
        _loaded_first,
    ),
    Mistake(
        "eight digits",
        "only the first digits are compared. They tell versions apart, but a forger "
        "can try out files until so few agree",
        _eight_digits,
    ),
    Mistake(
        "read twice",
        "the file is read once to be hashed and once more to be loaded, and in between "
        "somebody may have changed it. What could you keep from the first time?",
        _read_twice,
    ),
    Mistake(
        "says no softly",
        "other bytes get None back, or something like it. A caller who doesn't look "
        "finds out at the first parcel: how does a function say no for certain?",
        _softly,
    ),
    Mistake(
        "no comparison",
        "nothing is compared: any bytes are loaded. What is the second argument for?",
        lambda read, sha256: pickle.loads(read()),
    ),
    Mistake(
        "bytes for digits",
        "now the right file is refused as well. The hash came as a string of 64 "
        "digits, and you compare it with something else: which call gave you that?",
        _bytes_for_digits,
    ),
)

known = Check(
    title="first the hash, then the load",
    promises=(_good, _other, _digits, _same),
    probe=_probe,
    mistakes=MISTAKES,
)
