"""Right answers to the exercises of notebook 09, written differently."""

import numpy as np
from scipy.stats import binomtest

from lessonlib.intervals import paired_interval

# -- latest


def by_sorting(predictions, messages):
    known = {name: label for _, name, label in sorted(messages)}
    return {name: known.get(name) for name in predictions}


def by_looking_for_each(predictions, messages):
    found = {}
    for name in predictions:
        own = [(day, label) for day, who, label in messages if who == name]
        found[name] = max(own)[1] if own else None
    return found


# -- weekly


def by_weeks(parcels, today, delay):
    told = {}
    for week in sorted({made // 7 for made, _, _ in parcels}):
        here = [each for each in parcels if each[0] // 7 == week]
        known = [right for _, right, came in here if came is not None and came <= today]
        mature = today >= 7 * (week + 1) + delay
        share = sum(known) / len(known) if known and mature else None
        told[week] = (share, len(known) / len(here))
    return told


def by_arrays(parcels, today, delay):
    made = np.array([each[0] for each in parcels])
    right = np.array([each[1] for each in parcels])
    came = np.array([np.inf if each[2] is None else each[2] for each in parcels])
    known, week = came <= today, made // 7
    told = {}
    for number in np.unique(week):
        here = week == number
        early = 7 * (number + 1) + delay > today or not (here & known).any()
        share = None if early else right[here & known].mean()
        told[int(number)] = [share, known[here].mean()]
    return told


# -- weigh


def by_average(right, chance):
    return np.average(right, weights=1 / chance)


def by_copies(right, chance):
    total = won = 0.0
    for each, p in zip(right, chance, strict=True):
        total += 1 / p
        won += bool(each) / p
    return won / total


# -- gate


def by_the_library(champion, challenger):
    gained = np.sum(challenger & ~champion)
    lost = np.sum(champion & ~challenger)
    return paired_interval(gained, lost, len(champion))[0] > 0


def by_mcnemar(champion, challenger):
    gained = int(sum(challenger & ~champion))
    lost = int(sum(champion & ~challenger))
    if gained <= lost:
        return False
    return binomtest(gained, gained + lost).pvalue < 0.05


RIGHTS = {
    "latest": [by_sorting, by_looking_for_each],
    "weekly": [by_weeks, by_arrays],
    "weigh": [by_average, by_copies],
    "gate": [by_the_library, by_mcnemar],
    "order": ["CDFAEB", "c d f a e b", "C, D, F, A, E, B", list("CDFAEB")],
}
