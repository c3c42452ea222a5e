"""Is a file of notebook 02 loaded only after its hash was compared?"""

import hashlib
import pickle

from lessonlib.checks import Check, Mistake
from lessonlib.checks.files02 import refused, trap
from lessonlib.checks.probes import Broken, call, expect

_GOOD = pickle.dumps({"digit": 3})


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _known_good(load_known):
    """the bytes that you know are loaded"""
    seen = call(load_known, lambda: _GOOD, _sha256(_GOOD))
    called = "load_known of the known bytes"
    hint = "print the two things that you compare"
    expect(seen, {"digit": 3}, called=called, hint=hint)


def _known_other(load_known):
    """other bytes are refused with an exception, before a single instruction is run"""
    with trap() as (content, ran):
        said_no = refused(load_known, lambda: content, _sha256(_GOOD))
        if ran.exists():
            message = "other bytes than the known ones ran their command"
            raise Broken(message, "in which order do you hash, compare and load?")
    if not said_no:
        message = "other bytes than the known ones raised no exception"
        raise Broken(message, "who reads what comes back from a load that was refused?")


def _known_digits(load_known):
    """all 64 digits have to agree"""
    known = _sha256(_GOOD)
    for n in (8, 16, 63):
        near = known[:n] + "".join("1" if d == "0" else "0" for d in known[n:])
        if not refused(load_known, lambda: _GOOD, near):
            message = f"a hash of which only {n} digits agree was taken for the same"
            raise Broken(message, "how many digits can a forger try out?")


def _read_once(good, then):
    """Return a `read` that gives `good` the first time, and `then` ever after."""
    contents = [good]
    return lambda: contents.pop() if contents else then


def _known_same(load_known):
    """what is loaded is what was hashed, even if the file changes in between"""
    with trap() as (content, ran):
        load_known(_read_once(_GOOD, content), _sha256(_GOOD))
        if ran.exists():
            message = "the file was changed after it was hashed, and its command ran"
            raise Broken(message, "how often does your function call read()?")


def _known_probe(answer):
    known, found = _sha256(_GOOD), []
    with trap() as (content, ran):
        found += [refused(answer, lambda: content, known), ran.exists()]
    with trap() as (content, ran):
        refused(answer, _read_once(_GOOD, content), known)
        found.append(ran.exists())
    return [
        *found,
        refused(answer, lambda: _GOOD, known),
        refused(answer, lambda: _GOOD, known[:8] + 56 * "x"),
    ]


# -- wrong answers, and what to tell who gives them


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


_MISTAKES = (
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
        "other bytes get None back, or something like it. A caller who does not look "
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
        "now the right file is refused as well. The hash came as a text of 64 digits, "
        "and what you compare it with is no text: which call above gave you one?",
        _bytes_for_digits,
    ),
)

known = Check(
    title="first the hash, then the load",
    promises=(_known_good, _known_other, _known_digits, _known_same),
    probe=_known_probe,
    mistakes=_MISTAKES,
)
