"""Wrong answers to two exercises of notebook 09: at the gate, and in the puzzle."""

import math

from lessonlib.checks import Mistake

# -- gate


def _z(champion, challenger, variance):
    difference = challenger.mean() - champion.mean()
    spread = math.sqrt(max(variance, 0) / len(champion))
    return difference / spread if spread else math.copysign(math.inf, difference)


def _unpaired(champion, challenger):
    shares = (champion.mean(), challenger.mean())
    return _z(champion, challenger, sum(p * (1 - p) for p in shares)) > 1.96


def _counts(champion, challenger):
    gained = int((challenger & ~champion).sum())
    return gained, int((champion & ~challenger).sum())


def _interval(counts, n):
    gained, lost = counts
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = 1.96 * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return up - down - half, up - down + half


def _either_way(champion, challenger):
    low, high = _interval(_counts(champion, challenger), len(champion))
    return low > 0 or high < 0


GATE = (
    Mistake(
        "promote if higher",
        "whoever is ahead is promoted. Of two equal models one is always ahead: how "
        "often did that happen in the lesson?",
        lambda champion, challenger: challenger.mean() > champion.mean(),
    ),
    Mistake(
        "unpaired",
        "this looks at two shares as if they came from different cards. Both models "
        "saw the same ones, and only those on which they part make noise",
        _unpaired,
    ),
    Mistake(
        "upper end",
        "the upper end of the interval is above zero: so it *might* be better. Which "
        "end has to be, before one may say that it is?",
        lambda champion, challenger: (
            _interval(_counts(champion, challenger), len(champion))[1] > 0
        ),
    ),
    Mistake(
        "either way",
        "the difference is beyond chance, but in which direction? A challenger that is "
        "clearly worse gets through here",
        _either_way,
    ),
    Mistake(
        "turned round",
        "gained and lost have changed places: the gate lets the worse ones in and "
        "keeps the better ones out",
        lambda champion, challenger: (
            _interval(_counts(challenger, champion), len(champion))[0] > 0
        ),
    ),
)


# -- order

ORDER = (
    Mistake(
        "its own answer as the label",
        "H writes down the model's own answer as the truth. Then it is always right, "
        "and the gate decides on nothing: who knows what was on the card?",
        "CHFAEB",
    ),
    Mistake(
        "learned from the window",
        "after G the rival has seen the very cards on which it is judged next, and the "
        "answers too. What must be true of the cards of a gate?",
        "CDFGAEB",
    ),
    Mistake(
        "promoted before the gate",
        "E puts the rival to work before A has decided: then the decision comes too "
        "late for the parcels of the afternoon",
        "CDFEAB",
    ),
    Mistake(
        "joined before the label",
        "at F no label has come yet, so the window is empty. What does the join need?",
        "CFDAEB",
    ),
    Mistake(
        "rolled back before it was promoted",
        "B goes back to the version before. Before E nothing was promoted: there is "
        "nothing to take back",
        "CDFABE",
    ),
    Mistake(
        "labelled before it was answered",
        "D needs the id of an answer, and the answer comes in C. A label for a request "
        "that nobody made gets a 404",
        "DCFAEB",
    ),
)
