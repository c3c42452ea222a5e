"""Who answers this unit? `arm_of(unit, experiment, share)` names its arm."""

import hashlib
import random
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, expect, outcomes

# unit, experiment, the place that SHA-256 gives it: printf rival-1:parcel-1 | sha256sum
_PLACES = (
    ("parcel-1", "rival-1", 0.5851118589314481),
    ("parcel-1", "rival-2", 0.1874363953761069),
    ("parcel-1", "night", 0.9900578638829174),
    ("parcel-2", "rival-1", 0.6890107880792478),
    ("parcel-2", "rival-2", 0.3269371962033851),
    ("parcel-2", "night", 0.653222842475941),
    ("parcel-3", "rival-1", 0.46972704829653367),
    ("parcel-3", "rival-2", 0.7418425537678033),
    ("parcel-3", "night", 0.9735433668338835),
    ("sender-9", "rival-1", 0.7257263960650313),
    ("sender-9", "rival-2", 0.863515297144346),
    ("sender-9", "night", 0.9832535509096836),
    ("17", "rival-1", 0.19499584077967214),
    ("17", "rival-2", 0.0006709131837396853),
    ("17", "night", 0.18851691102717183),
    ("", "rival-1", 0.19313414367760018),
    ("", "rival-2", 0.04391634442750103),
    ("", "night", 0.6445837073809244),
)


def _expect_arm(
    arm_of: Any, unit: str, experiment: str, share: float, expected: str, hint: str
) -> None:
    seen = call(arm_of, unit, experiment, share)
    called = f"arm_of({unit!r}, {experiment!r}, {share})"
    expect(seen, expected, called=called, hint=hint)


def _split_place(arm_of: Any) -> None:
    """units below the share are treated, the others are not"""
    hint = "print the place of this unit: on which side of the share does it lie?"
    for unit, experiment, place in _PLACES:
        below, above = max(place - 0.001, 0), min(place + 0.001, 1)
        _expect_arm(arm_of, unit, experiment, above, "treatment", hint)
        _expect_arm(arm_of, unit, experiment, below, "control", hint)


def _split_ends(arm_of: Any) -> None:
    """a share of 0 treats nobody, and a share of 1 everybody"""
    for unit, experiment, _ in _PLACES:
        _expect_arm(arm_of, unit, experiment, 0, "control", "who is below 0?")
        _expect_arm(arm_of, unit, experiment, 1, "treatment", "who is not below 1?")


def _split_sticks(arm_of: Any) -> None:
    """asked again, a unit has the same arm; another experiment shuffles anew"""
    units, hint = [f"card-{i}" for i in range(200)], "what may chance decide here?"
    first, again, other = (
        [call(arm_of, unit, name, 0.5) for unit in units]
        for name in ("rival-1", "rival-1", "rival-2")
    )
    called = "arm_of for 200 cards, and again: the cards that changed sides"
    moved = sum(a != b for a, b in zip(first, again, strict=True))
    expect(moved, 0, called=called, hint=hint)
    called = "whether about half of 200 cards change sides in another experiment"
    moved = sum(a != b for a, b in zip(first, other, strict=True))
    hint = "where does the name of the experiment come in?"
    expect(60 < moved < 140, True, called=called, hint=hint)


_ASKED = (("rival-2", 0.5), ("rival-1", 0), ("rival-1", 1), ("night", 0.2))


def _split_probe(answer: Any) -> Any:
    units = [f"card-{i}" for i in range(60)]
    runs = [[answer(unit, "rival-1", 0.5) for unit in units] for _ in range(2)]
    if runs[0] != runs[1]:
        return "does not stick"
    return runs[0] + outcomes(
        answer, [(unit, name, share) for unit in units for name, share in _ASKED]
    )


def _place(text):
    """Return the place of a text between 0 and 1, by the first 12 digits of SHA-256."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) / 16**12


def _arm(is_treated):
    return "treatment" if is_treated else "control"


MISTAKES = (
    Mistake(
        "a coin",
        "asked twice, the same unit gets two arms: this is a coin. Let the unit itself "
        "decide, by a number that never changes",
        lambda unit, experiment, share: _arm(random.random() < share),
    ),
    Mistake(
        "Python's hash",
        "Python salts hash() of a string differently in each process, so a restart "
        "deals all units out again. You can't see that in one notebook",
        lambda unit, experiment, share: _arm(
            hash(f"{experiment}:{unit}") % 1000 / 1000 < share
        ),
    ),
    Mistake(
        "no salt",
        "the name of the experiment isn't used. So every experiment treats the same "
        "units, and inherits what the last one did to them",
        lambda unit, experiment, share: _arm(_place(f"{unit}") < share),
    ),
    Mistake(
        "the other way round",
        "the string is 'unit:experiment' here. That splits just as well, but not as "
        "the running services do, and so a unit would have two arms",
        lambda unit, experiment, share: _arm(_place(f"{unit}:{experiment}") < share),
    ),
    Mistake(
        "swapped arms",
        "the arms are swapped: with a share of 0 everybody is treated",
        lambda unit, experiment, share: _arm(
            not _place(f"{experiment}:{unit}") < share
        ),
    ),
    Mistake(
        "always halves",
        "this is always half and half: where does share come in?",
        lambda unit, experiment, share: _arm(_place(f"{experiment}:{unit}") < 0.5),
    ),
)

split = Check(
    title="split a stream",
    promises=(_split_place, _split_ends, _split_sticks),
    probe=_split_probe,
    mistakes=MISTAKES,
)
