"""How much may a service be trusted? The 28 questions of the ML Test Score.

After Breck, Cai, Nielsen, Salib and Sculley, The ML Test Score: A Rubric for ML
Production Readiness and Technical Debt Reduction (IEEE Big Data, 2017).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lessonlib.rows import is_number

ML_TESTS: dict[str, tuple[str, ...]] = {
    "data": (
        "feature expectations are captured in a schema",
        "all features are beneficial",
        "no feature's cost is too much",
        "features adhere to meta-level requirements",
        "the data pipeline has appropriate privacy controls",
        "new features can be added quickly",
        "all input feature code is tested",
    ),
    "model": (
        "model specs are reviewed and submitted",
        "offline and online metrics correlate",
        "all hyperparameters have been tuned",
        "the impact of model staleness is known",
        "a simpler model is not better",
        "model quality is sufficient on important data slices",
        "the model is tested for considerations of inclusion",
    ),
    "infrastructure": (
        "training is reproducible",
        "model specs are unit tested",
        "the pipeline is integration tested",
        "model quality is validated before serving",
        "the model is debuggable",
        "models are canaried before serving",
        "serving models can be rolled back",
    ),
    "monitoring": (
        "dependency changes result in notification",
        "data invariants hold for inputs",
        "training and serving are not skewed",
        "models are not too stale",
        "models are numerically stable",
        "computing performance has not regressed",
        "prediction quality has not regressed",
    ),
}

# from which score on, and what the paper says of it, in short
_VERDICTS = (
    (0, "more of a research project than a productionized system"),
    (0.5, "not totally untested, but with possibly serious holes in reliability"),
    (1.5, "a first pass at productionization; more may be needed"),
    (2.5, "reasonably tested; more of it may be automated"),
    (3.5, "strong testing and monitoring, fit for what is critical"),
    (5.5, "exceptional testing and monitoring"),
)


@dataclass(frozen=True)
class Readiness:
    """Points of each group, 0 to 7, and the score: the smallest of the four."""

    points: dict[str, float]

    def __post_init__(self) -> None:
        if not self.points or not all(0 <= n <= 7 for n in self.points.values()):
            raise ValueError(f"each group has 0 to 7 points, got {self.points}")

    @property
    def score(self) -> float:
        """The minimum: a chain is as strong as its weakest link."""
        return min(self.points.values())

    @property
    def verdict(self) -> str:
        """What the paper says of a system with this score."""
        return next(text for least, text in reversed(_VERDICTS) if self.score >= least)

    def __repr__(self) -> str:
        groups = ", ".join(f"{name} {n:g}" for name, n in self.points.items())
        return f"score {self.score:g} of 7 ({groups}):\n  {self.verdict}"


def ml_test_score(answers: Mapping[str, float]) -> Readiness:
    """Return the score of a service: `answers` maps names of ML_TESTS to points.

    0 for not done, 0.5 for done by hand with the result written down, 1 for done by a
    machine, again and again. What is not answered counts 0. Raises ValueError for other
    points, and for a name that is not among the 28.
    """
    names = {name for group in ML_TESTS.values() for name in group}
    if not isinstance(answers, Mapping):
        raise ValueError(f"answers map names to points, got {answers!r:.60}")
    for name, points in answers.items():
        if name not in names:
            raise ValueError(f"no test is called {name!r}: ML_TESTS has the 28 names")
        if not is_number(points) or points not in (0, 0.5, 1):
            raise ValueError(f"{name!r} can have 0, 0.5 or 1 points, got {points!r}")
    return Readiness(
        {
            group: float(sum(answers.get(name, 0) for name in tests))
            for group, tests in ML_TESTS.items()
        }
    )
