"""Who is asking? `caller(header, names)` returns a name, and a line for the log."""

import hashlib
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.ex12.leaks import leaks
from lessonlib.checks.probes import Broken, shortened
from lessonlib.checks.replies import reply_to


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


NORTH, SOUTH, NOBODYS = "q3Zx81-Tt0_mKd7V", "Wf5LrYp02sHcJ9-e", "Zt6Nn4-uBq1XvEo8"
NAMES = {_hash(NORTH): "north-desk", _hash(SOUTH): "south-desk"}
STOLEN = _hash(NORTH)
PASSWORD = "b2xkOnBhc3M="  # of an old client, which still sends Basic
SECRETS = {
    "the north desk's key": NORTH,
    "the south desk's key": SOUTH,
    "a key": NOBODYS,
    "a password": PASSWORD,
}


def _pair(answer: Any, header: str) -> list[Any]:
    others = [(text, dict(NAMES)) for text in (f"Bearer {NORTH}", "")]
    reply = reply_to(answer, header, dict(NAMES), others=others)
    if not isinstance(reply, tuple | list) or len(reply) != 2:
        called = f"caller({header!r}, names)"
        hint = "return the name and the line, also for nobody: None, and why"
        raise Broken(f"{called} gave {shortened(reply)}, expected a pair", hint)
    return list(reply)


def _ask(answer: Any, part: str, header: str) -> Any:
    name, line = _pair(answer, header)
    if part == "name":
        return name
    shown = [who for who in NAMES.values() if who in str(line)]
    return shown + [what for what, text in SECRETS.items() if leaks(line, text)]


def _who(header: str, gives: str | None, hint: str) -> Case:
    called = f"caller({header!r}, names): the name"
    return case("name", header, gives=gives, called=called, hint=hint)


def _line(header: str, gives: list[str], hint: str) -> Case:
    called = f"caller({header!r}, names): what the line shows"
    return case("line", header, gives=gives, called=called, hint=hint)


SCHEME = "the scheme may be spelled bearer, Bearer or BEARER; a key may not"
LOOK = "names has the SHA-256 of each key, as hexadecimal text"
NOTHING = "a caller without a key gets None, not an error"
OTHER = "is this a key that was sent as a Bearer?"
SHOWN = "for whom is the line? What could its reader do with a key?"

PROMISES = (
    (
        "a key is known by its hash, however the word Bearer is spelled",
        _who(f"Bearer {NORTH}", "north-desk", LOOK),
        _who(f"Bearer {SOUTH}", "south-desk", LOOK),
        _who(f"bearer {NORTH}", "north-desk", SCHEME),
        _who(f"BEARER {SOUTH}", "south-desk", SCHEME),
    ),
    (
        "without a good key nobody is let in, and nothing breaks",
        _who("", None, NOTHING),
        _who("Bearer", None, NOTHING),
        _who(f"Bearer {NOBODYS}", None, LOOK),
        _who(f"Bearer {NORTH.lower()}", None, SCHEME),
    ),
    (
        "a key under another scheme, or the hash of one, opens nothing",
        _who(f"Basic {NORTH}", None, OTHER),
        _who(f"Basic Bearer {NORTH}", None, OTHER),
        _who(NORTH, None, OTHER),
        _who(f"Bearer {STOLEN}", None, "a thief of the file has this, and no key"),
    ),
    (
        "the line names a known caller, and shows nobody's key",
        _line(f"Bearer {NORTH}", ["north-desk"], "whose request was it?"),
        _line(f"Bearer {NOBODYS}", [], SHOWN),
        _line(f"Basic {PASSWORD}", [], SHOWN),
        _line(SOUTH, [], SHOWN),
    ),
)


def _judged(name, *, unknown="no key that counts"):
    return (name, f"request of {name}") if name else (None, unknown)


def _by_the_key(header, names):
    scheme, _, key = header.partition(" ")
    return _judged(names.get(key) if scheme.lower() == "bearer" else None)


def _by_capitals(header, names):
    known = header.startswith("Bearer ")
    return _judged(names.get(_hash(header[7:])) if known else None)


def _by_the_last_word(header, names):
    return _judged(names.get(_hash(header.split(" ")[-1])))


def _with_the_key(header, names):
    scheme, _, key = header.partition(" ")
    name = names.get(_hash(key)) if scheme.lower() == "bearer" else None
    return _judged(name, unknown=f"refused: {header}")


def _in_small(header, names):
    scheme, _, key = header.lower().partition(" ")
    return _judged(names.get(_hash(key)) if scheme == "bearer" else None)


def _unpacked(header, names):
    scheme, key = header.split()
    return _judged(names.get(_hash(key)) if scheme.lower() == "bearer" else None)


MISTAKES = (
    Mistake(
        "the key itself is looked up",
        "the key was looked up as it is, and names holds hashes. So no key opens the "
        "door, and anybody who has stolen the file can send a hash and is let in. What "
        "must be done to the key first?",
        _by_the_key,
    ),
    Mistake(
        "the scheme by its capitals",
        "only Bearer with a capital B is taken. By the standard capitals don't matter "
        "in a scheme, and some clients send it in small letters",
        _by_capitals,
    ),
    Mistake(
        "any scheme",
        "the word before the key is passed over, so a key in a Basic header counts, "
        "and so does a key alone. Look at the scheme as well",
        _by_the_last_word,
    ),
    Mistake(
        "the key in the log",
        "a header that was refused goes into the log as it came. It may be a good key "
        "behind a misspelled scheme, or the key of another service: say why it was "
        "refused, and leave out what was sent",
        _with_the_key,
    ),
    Mistake(
        "all in small letters",
        "lower() was called on the whole header, and the key is part of it. Its "
        "capitals count: make only the scheme small",
        _in_small,
    ),
    Mistake(
        "trips over nothing",
        "a header without a space can't be cut in two, so Python raises an error, and "
        "a stranger gets a 500 where a 401 would do. `partition` never fails",
        _unpacked,
    ),
)

caller = Check.table(
    title="who is asking?",
    name="caller",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
