"""Wrong answers to the exercises of notebook 11, and what to tell who gives them."""

import numpy as np

from lessonlib.checks import Mistake

# -- fates


def _fates(**wrong):
    """Return an answer that is right but for the rules that are given."""
    rules = {
        "misread": lambda of: _answered(of) & (of["said"] != of["truth"]),
        "by_hand": lambda of: ~_answered(of),
        "late": lambda of: _answered(of) & (of["time"] > 0.05),
    } | wrong

    def answer(truth, status, said, response_s):
        of = {"truth": truth, "status": status, "said": said, "time": response_s}
        return {name: int(rule(of).sum()) for name, rule in rules.items()}

    return answer


def _answered(of):
    return of["status"] == 200


FATES = (
    Mistake(
        "refused is misread",
        "this counts refused parcels as misread. A refusal is no digit: the parcel "
        "goes to a clerk and arrives. Which of them were answered?",
        _fates(misread=lambda of: of["said"] != of["truth"]),
    ),
    Mistake(
        "seconds against milliseconds",
        "nobody is late here, as seconds are compared with 50. How many seconds are "
        "50 ms?",
        _fates(late=lambda of: _answered(of) & (of["time"] > 50)),
    ),
    Mistake(
        "late without an answer",
        "a parcel that was refused, or never answered, is counted twice: by hand, and "
        "as late. Late is an *answer* that came after the limit",
        _fates(late=lambda of: of["time"] > 0.05),
    ),
    Mistake(
        "only refusals go by hand",
        "a server that is gone sends no status of 400 or more; it sends nothing, and "
        "the parcel stands there. What do all parcels without a good answer have in "
        "common?",
        _fates(by_hand=lambda of: of["status"] >= 400),
    ),
    Mistake(
        "late only if right",
        "a wrong answer can be late as well, and this does not count it. The belt does "
        "not know yet which answers are wrong",
        _fates(
            late=lambda of: (
                _answered(of) & (of["time"] > 0.05) & (of["said"] == of["truth"])
            )
        ),
    ),
    Mistake(
        "the limit is late",
        "an answer after exactly 50 ms still reaches the flap: the limit itself is in "
        "time",
        _fates(late=lambda of: _answered(of) & (of["time"] >= 0.05)),
    ),
)

# -- guard

GUARD = (
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
