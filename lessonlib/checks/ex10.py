"""Exercises of notebook 10: split, plan, compare, conclude, and find bugs."""

import numpy as np

from lessonlib.checks import Check, hunt10, verdicts10, wrong10
from lessonlib.checks.probes import call, expect, outcomes, rounded

# -- split: arm_of(unit, experiment, share)

# unit, experiment, the place that SHA-256 gives it: printf rival-1:parcel-1 | sha256sum
_PLACES = tuple(
    (unit, experiment, wrong10.place(f"{experiment}:{unit}"))
    for unit in ("parcel-1", "parcel-2", "parcel-3", "sender-9", "17", "")
    for experiment in ("rival-1", "rival-2", "night")
)


def _expect_arm(arm_of, unit, experiment, share, expected, hint):
    seen = call(arm_of, unit, experiment, share)
    called = f"arm_of({unit!r}, {experiment!r}, {share})"
    expect(seen, expected, called=called, hint=hint)


def _split_place(arm_of):
    """units below the share are treated, the others are not"""
    hint = "print the place of this unit: on which side of the share does it lie?"
    for unit, experiment, place in _PLACES:
        below, above = max(place - 0.001, 0), min(place + 0.001, 1)
        _expect_arm(arm_of, unit, experiment, above, "treatment", hint)
        _expect_arm(arm_of, unit, experiment, below, "control", hint)


def _split_ends(arm_of):
    """a share of 0 treats nobody, and a share of 1 everybody"""
    for unit, experiment, _ in _PLACES:
        _expect_arm(arm_of, unit, experiment, 0, "control", "who is below 0?")
        _expect_arm(arm_of, unit, experiment, 1, "treatment", "who is not below 1?")


def _split_sticks(arm_of):
    """asked again, a unit has the same arm; another experiment shuffles anew"""
    units, hint = [f"card-{i}" for i in range(200)], "what may chance decide here?"
    first, again, other = (
        [call(arm_of, unit, name, 0.5) for unit in units]
        for name in ("rival-1", "rival-1", "rival-2")
    )
    called = "arm_of for 200 cards, and again: the cards that changed sides"
    moved = sum(a != b for a, b in zip(first, again, strict=True))
    expect(moved, 0, called=called, hint=hint)
    called = "with another experiment, does about half of 200 cards change sides: that"
    moved = sum(a != b for a, b in zip(first, other, strict=True))
    hint = "where does the name of the experiment come in?"
    expect(60 < moved < 140, True, called=called, hint=hint)


def _split_probe(answer):
    units = [f"card-{i}" for i in range(60)]
    runs = [[answer(unit, "rival-1", 0.5) for unit in units] for _ in range(2)]
    if runs[0] != runs[1]:
        return "does not stick"
    return runs[0] + outcomes(
        answer, [(unit, name, share) for unit in units for name, share in _ASKED]
    )


_ASKED = (("rival-2", 0.5), ("rival-1", 0), ("rival-1", 1), ("night", 0.2))

split = Check(
    title="split a stream",
    promises=(_split_place, _split_ends, _split_sticks),
    probe=_split_probe,
    mistakes=wrong10.SPLIT,
)


# -- size: parcels_an_arm(base, better)


def _expect_size(parcels_an_arm, base, better, expected, hint):
    seen = call(parcels_an_arm, base, better)
    expect(seen, expected, called=f"parcels_an_arm({base}, {better})", hint=hint)


def _size_rule(parcels_an_arm):
    """sixteen variances by the square of the difference"""
    hint = "p * (1 - p) at the middle of the two, and what is squared?"
    _expect_size(parcels_an_arm, 0.25, 0.75, 16, hint)  # 16 * 0.25 / 0.25
    _expect_size(parcels_an_arm, 0.375, 0.625, 60 + 4, hint)  # 16 * 0.25 / 0.0625


def _size_whole(parcels_an_arm):
    """a part of a parcel counts as a whole one"""
    hint = "with fewer parcels than the rule says the power is not reached"
    _expect_size(parcels_an_arm, 0.9, 0.96, 290, hint)  # 289.3
    _expect_size(parcels_an_arm, 0.6, 0.9, 34, hint)  # 33.3


def _size_symmetric(parcels_an_arm):
    """it does not matter which of the two is the better one"""
    _expect_size(parcels_an_arm, 0.75, 0.25, 16, "the square takes care of a sign")
    _expect_size(parcels_an_arm, 0.96, 0.9, 290, "and the middle of both?")


size = Check(
    title="plan the size",
    promises=(_size_rule, _size_whole, _size_symmetric),
    probe=lambda answer: outcomes(
        lambda a, b: rounded(answer(a, b)),
        [
            (0.25, 0.75),
            (0.375, 0.625),
            (0.9, 0.96),
            (0.6, 0.9),
            (0.5, 0.625),
            (0.75, 0.25),
        ],
    ),
    mistakes=wrong10.SIZE,
)


# -- interval: difference_interval(control, treatment)

_ARMS = (((48, 80), (56, 70)), ((412, 500), (438, 500)), ((9, 10), (3, 10)))


def _expect_ends(answer, arms, expected, hint):
    seen = np.round(np.asarray(call(answer, *arms), dtype=float), 4)
    called = "difference_interval({}, {}), to 4 digits,".format(*arms)
    expect(seen, expected, called=called, hint=hint)


def _interval_paper(answer):
    """56 of 70 against 48 of 80 has Newcombe's own published interval"""
    hint = "which end of which arm makes the difference largest?"
    _expect_ends(answer, _ARMS[0], [0.0524, 0.3339], hint)


def _interval_order(answer):
    """it is of treatment minus control, the lower end first"""
    _expect_ends(answer, _ARMS[2], [-0.809, -0.1705], "here the treatment is worse")
    _expect_ends(answer, _ARMS[1], [0.0077, 0.0963], "and here it is better")


def _interval_equal(answer):
    """arms without any difference have zero inside"""
    _expect_ends(answer, ((0, 20), (0, 30)), [-0.1611, 0.1135], "what reaches up?")


interval = Check(
    title="how much better?",
    promises=(_interval_paper, _interval_order, _interval_equal),
    probe=lambda answer: outcomes(
        lambda *arms: np.round(np.asarray(answer(*arms), dtype=float), 6),
        [*_ARMS, ((0, 20), (0, 30)), ((20, 20), (18, 25))],
    ),
    mistakes=wrong10.INTERVAL,
)


# -- what to conclude, and the bug hunt

rule, ratio, coins = verdicts10.rule, verdicts10.ratio, verdicts10.coins
hunt = hunt10.hunt
