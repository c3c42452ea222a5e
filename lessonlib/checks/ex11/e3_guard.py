"""Which cards did our cameras not send? `not_ours(rows)` says True or False a card."""

from typing import Any

import numpy as np

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex11.bags import cards
from lessonlib.checks.probes import Broken, call, expect, outcomes, truth
from lessonlib.mail import blank_cards, rescale, shift_camera


def _refused(not_ours: Any, rows: np.ndarray) -> list[Any]:
    verdicts = call(not_ours, np.array(rows))
    if np.ndim(verdicts) == 0:
        seen = f"not_ours gave one {verdicts} for {len(rows)} cards"
        raise Broken(seen, "one True or False a card: axis=1 goes along a row")
    if len(verdicts) != len(rows):
        seen = f"not_ours gave {len(verdicts)} verdicts for {len(rows)} cards"
        raise Broken(seen, "one True or False a card: axis=1 goes along a row")
    return [truth(verdict) for verdict in verdicts]


def _guard_refuses(not_ours: Any) -> None:
    """every card with pixels from 0 to 1 is refused, and a blank one too"""
    hint = "how dark is the darkest pixel of such a card?"
    for what, rows in (
        ("rescaled cards of bag 9", rescale(cards(9))),
        ("blank cards", blank_cards(2)),
    ):
        seen = sum(_refused(not_ours, rows))
        expect(seen, len(rows), called=f"of {len(rows)} {what}, refused", hint=hint)


def _guard_spares(not_ours: Any) -> None:
    """no card of our mail is refused, from the old camera or the new one"""
    hint = "thin digits are mail too, and so is what the new camera sends"
    for number in (8, 11, 13):
        for what, rows in (
            ("old camera", cards(number)),
            ("new camera", shift_camera(cards(number))),
        ):
            seen = sum(_refused(not_ours, rows))
            called = f"of bag {number} from the {what}, refused"
            expect(seen, 0, called=called, hint=hint)


def _guard_each(not_ours: Any) -> None:
    """in a request with several cards each is judged by itself"""
    card = cards(10)[:1]
    rows = np.vstack([card, rescale(card), card, blank_cards()])
    called = "not_ours(a card, a faint one, a card, a blank one)"
    hint = "one True or False a card: axis=1 goes along a row"
    seen = _refused(not_ours, rows)
    expect(seen, [False, True, False, True], called=called, hint=hint)


def _guard_probe(answer: Any) -> list[Any]:
    mixed = np.vstack([cards(10)[:2], rescale(cards(10)[:2])])
    requests = (
        *(cards(8), rescale(cards(9)), shift_camera(cards(11))),
        *(blank_cards(2), mixed),
    )
    return outcomes(lambda rows: _refused(answer, rows), [(rows,) for rows in requests])


MISTAKES = (
    Mistake(
        "one verdict for all",
        "the whole request is judged by its darkest pixel, so that one good card "
        "hides a faint one. Take the maximum of each row",
        lambda rows: np.full(len(rows), rows.max() < 8),
    ),
    Mistake(
        "the mean of the ink",
        "this refuses honest mail: a thin digit has little ink in the mean, and its "
        "strokes are as dark as any. Which one pixel tells the two kinds apart?",
        lambda rows: rows.mean(axis=1) < 4,
    ),
    Mistake(
        "blank cards only",
        "blank cards are refused, but the client's cards are not blank: their pixels "
        "go from 0 to 1. How dark is theirs, and how dark is ours?",
        lambda rows: rows.max(axis=1) == 0,
    ),
    Mistake(
        "any light pixel",
        "every card has a white corner, so this refuses them all. Is it about the "
        "lightest pixel of a card, or about the darkest?",
        lambda rows: (rows <= 1).any(axis=1),
    ),
    Mistake(
        "the other way round",
        "True where the card is fine, False where it is not: the question was which "
        "cards are *not* ours",
        lambda rows: rows.max(axis=1) >= 8,
    ),
)

guard = Check(
    title="a rule for whole cards",
    promises=(_guard_refuses, _guard_spares, _guard_each),
    probe=_guard_probe,
    mistakes=MISTAKES,
)
