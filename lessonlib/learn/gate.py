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

from lessonlib.intervals import paired_interval
from lessonlib.learn.labels import are_measured
from lessonlib.mail import Bag
from lessonlib.save.answers import answering

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
        if self.margin is not None and not 0 <= self.margin < 1:
            raise ValueError(f"margin must be 0 or more, below 1, got {self.margin}")
        if not 0 < self.level < 1:
            raise ValueError(f"level must be between 0 and 1, got {self.level}")

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
        each card, by default its true digit. Raises ValueError for an empty window.
        """
        if len(window.y) == 0:
            raise ValueError("the window has no card: wait until labels have come")
        models = (champion, challenger)
        old, new = (_answers(model, window.X) == window.y for model in models)
        reasons, ratio = [self._on_accuracy(old, new)], None
        if self.max_p99_ratio is not None:
            ratio = p99_ratio(*models, window.X)
            reasons.append(_on_time(ratio, self.max_p99_ratio))
        groups = np.asarray(window.y if slices is None else slices)
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

    def _on_slices(self, old: np.ndarray, new: np.ndarray, names: np.ndarray) -> str:
        if len(names) != len(new):
            raise ValueError(f"{len(names)} slices for {len(new)} cards: one for each")
        groups = np.unique(names)
        level = 1 - (1 - self.level) / len(groups)  # Bonferroni: many slices, one alarm
        highs = [_interval(old[names == g], new[names == g], level)[1] for g in groups]
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

    They take turns, and the best of three calls counts for each row: so other programs
    of this computer trouble both alike, and little.
    """
    rows = X[:_MOST_TIMED]
    best = np.full((2, len(rows)), np.inf)
    for _ in range(3):
        for i in range(len(rows)):
            for which, model in enumerate((champion, challenger)):
                began = clock()
                _answers(model, rows[i : i + 1])
                best[which, i] = min(best[which, i], clock() - began)
    old_s, new_s = np.percentile(best, 99, axis=1)
    return float(new_s / old_s)


def _on_time(ratio: float, limit: float) -> str:
    word = "yes" if ratio <= limit else "no "
    return f"{word} time: p99 is {ratio:.1f} x the champion's (limit {limit:g})"


def _interval(old: np.ndarray, new: np.ndarray, level: float) -> tuple[float, float]:
    gained, lost = (new & ~old).sum(), (old & ~new).sum()
    low, high = paired_interval(gained, lost, len(new), level=level)
    return float(low), float(high)


def _answers(model: Any, X: Any) -> np.ndarray:
    predictions = answering(model)(X).predictions
    if predictions.ndim != 1 or are_measured(predictions.tolist()):
        seen = f"shape {predictions.shape}, such as {predictions[:1].tolist()}"
        message = f"a gate compares classes, one a row, and got answers of {seen}"
        raise ValueError(f"{message}; numbers are near or far, not right")
    return predictions
