"""May this model go to work?

A challenger is judged beside the champion, on the same labelled cards, which came after
both were trained. Their difference has an interval, and the rule looks at its lower
end: of two equal models one is always ahead by chance.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lessonlib.evidence import number, share
from lessonlib.intervals import paired_interval
from lessonlib.learn.labels import are_measured
from lessonlib.mail import Bag
from lessonlib.rows import categories, in_order, is_missing, same_kind
from lessonlib.save.answers import NUMBERS, answer_kind, answering, shown

_ONLY_CLASSES = "a gate compares classes: numbers are near or far, not right"
_MOST_TIMED = 200  # rows that both models are timed on


@dataclass(frozen=True)
class Decision:
    """Whether a challenger may replace the champion, and each reason."""

    promote: bool
    reasons: tuple[str, ...]  # each begins with "yes" or "no"
    n: int  # cards that both were judged on
    gained: int  # cards only the challenger has right
    lost: int  # cards only the champion has right
    interval: tuple[float, float]  # of the difference in accuracy
    p99_ratio: float | None  # the challenger's time by the champion's, if measured

    @property
    def gain(self) -> float:
        """The challenger's accuracy less the champion's."""
        return (self.gained - self.lost) / self.n

    def __repr__(self) -> str:
        verdict = "promote" if self.promote else "keep the champion"
        return "\n  ".join([f"{verdict}:", *self.reasons])


@dataclass(frozen=True)
class PromotionGate:
    """Rules that a challenger has to pass, all of them.

    - accuracy: the lower end of the paired interval is above `min_gain`; or, if a
      `margin` is declared beforehand, above -margin ("not worse than that");
    - time: its p99 is at most `max_p99_ratio` times the champion's (None: not timed);
    - slices: in no slice of the cards is it worse beyond chance.
    """

    min_gain: float = 0.0
    margin: float | None = None
    max_p99_ratio: float | None = 1.2
    level: float = 0.95

    def __post_init__(self) -> None:
        share(self.level, "level")
        number(self.min_gain, "min_gain", low=-1, high=1)
        if self.margin is not None and number(self.margin, "margin", low=0) >= 1:
            raise ValueError(f"margin must be 0 or more, below 1, got {self.margin}")
        if self.max_p99_ratio is not None:
            number(self.max_p99_ratio, "max_p99_ratio", low=0)

    def decide(
        self,
        *,
        champion: Any,
        challenger: Any,
        window: Bag,
        slices: Sequence[Any] | None = None,
    ) -> Decision:
        """Return the decision, from cards that neither model has learned from.

        A model is loaded by `load_model` or has `predict`. `slices` names a group for
        each card, by default its true digit. Raises ValueError for an empty window, and
        for answers and labels that cannot be equal.
        """
        truth, models = _truth(window), (champion, challenger)
        old, new = (_right(model, window.X, truth) for model in models)
        reasons, ratio = [self._on_accuracy(old, new)], None
        if self.max_p99_ratio is not None:
            ratio = p99_ratio(*models, window.X)
            reasons.append(_on_time(ratio, self.max_p99_ratio))
        groups = truth if slices is None else categories(slices, "slices")
        reasons.append(self._on_slices(old, new, groups))
        return Decision(
            promote=all(reason.startswith("yes") for reason in reasons),
            reasons=tuple(reasons),
            n=len(new),
            gained=int((new & ~old).sum()),
            lost=int((old & ~new).sum()),
            interval=_interval(old, new, self.level),
            p99_ratio=ratio,
        )

    def _on_accuracy(self, old: np.ndarray, new: np.ndarray) -> str:
        low, high = _interval(old, new, self.level)
        needed = self.min_gain if self.margin is None else -self.margin
        word = "yes" if low > needed else "no "
        gain = f"{new.mean() - old.mean():+.3f} ({low:+.3f} to {high:+.3f})"
        return f"{word} accuracy: {gain}, must be above {needed:+.3f} for sure"

    def _on_slices(self, old: np.ndarray, new: np.ndarray, names: list[Any]) -> str:
        if len(names) != len(new):
            raise ValueError(f"{len(names)} slices for {len(new)} cards: one for each")
        groups = in_order(names)
        place = {group: i for i, group in enumerate(groups)}
        group_of = np.array([place[name] for name in names])
        kinds = (new & ~old, old & ~new, np.ones_like(new))
        tallies = [np.bincount(group_of[k], minlength=len(groups)) for k in kinds]
        level = 1 - (1 - self.level) / len(groups)  # Bonferroni: many slices, one alarm
        _, highs = paired_interval(*tallies, level=level)
        worst = int(np.argmin(highs))
        if highs[worst] < 0:
            return f"no  slices: worse beyond chance on {groups[worst]}"
        return f"yes slices: worse beyond chance on none of {len(groups)}"


def p99_ratio(
    champion: Any,
    challenger: Any,
    X: np.ndarray,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the challenger's p99 by the champion's, over single rows of `X`.

    They take turns, and the best of five calls counts for each row: so other programs
    of this computer trouble both alike, and little.
    """
    rows = X[:_MOST_TIMED]
    if not len(rows):
        raise ValueError("no rows to time the models on: give some")
    best = np.full((2, len(rows)), np.inf)
    for _ in range(5):
        for i in range(len(rows)):
            for which, model in enumerate((champion, challenger)):
                began = clock()
                _answers(model, rows[i : i + 1])
                best[which, i] = min(best[which, i], clock() - began)
    old_s, new_s = np.percentile(best, 99, axis=1)
    if not old_s > 0:
        raise ValueError(f"a p99 of {old_s} s: this clock cannot tell how long it took")
    return float(new_s / old_s)


def _on_time(ratio: float, limit: float) -> str:
    word = "yes" if ratio <= limit else "no "
    return f"{word} time: p99 is {ratio:.1f} x the champion's (limit {limit:g})"


def _interval(old: np.ndarray, new: np.ndarray, level: float) -> tuple[float, float]:
    gained, lost = (new & ~old).sum(), (old & ~new).sum()
    low, high = paired_interval(gained, lost, len(new), level=level)
    return float(low), float(high)


def _truth(window: Bag) -> list[Any]:
    """Return the true class of each card, or raise ValueError."""
    truth = categories(window.y, "labels")
    if not truth:
        raise ValueError("the window has no card: wait until labels have come")
    if len(truth) != len(window.X):
        raise ValueError(f"{len(truth)} labels for {len(window.X)} cards: one for each")
    if None in truth:
        seen = f"{truth.count(None)} of {len(truth)} cards have no label"
        raise ValueError(f"{seen}: give the gate those that have one")
    _check_classes(truth)
    return truth


def _right(model: Any, X: Any, truth: list[Any]) -> np.ndarray:
    """Return where a model says what is true, shape (n,)."""
    said = _answers(model, X).tolist()
    same_kind({"labels": truth, "answers": said})
    return np.array([a == b for a, b in zip(said, truth, strict=True)])


def _kind(model: Any) -> str | None:
    """Return which kind of answers a model gives, if it can be told from the model."""
    if manifest := getattr(model, "manifest", None):
        return manifest.answers
    return answer_kind(model) if hasattr(model, "predict") else None


def _answers(model: Any, X: Any) -> np.ndarray:
    if _kind(model) == NUMBERS:
        raise ValueError(f"{shown(model)} is a regressor, and {_ONLY_CLASSES}")
    predictions = answering(model)(X).predictions
    _check_classes(predictions.tolist())
    return predictions


def _check_classes(answers: list[Any]) -> None:
    if n := sum(map(is_missing, answers)):
        raise ValueError(f"{n} of {len(answers)} answers are missing or NaN: mend that")
    if are_measured(answers):
        raise ValueError(f"got answers such as {answers[:1]}, and {_ONLY_CLASSES}")
