"""What if the traffic goes to the better model while one still learns which it is?"""

from collections.abc import Sequence

import numpy as np

from lessonlib.evidence import flag, number


class ThompsonSampler:
    """A bandit: it draws a rate for each arm from what it has seen, and the best goes.

    Right and wrong answers make a Beta distribution for each arm (Thompson, 1933).
    `keep` is how much of the past is kept at each new answer: 1 forgets nothing, 0.99
    remembers about the last hundred answers.
    """

    def __init__(self, arms: Sequence[str], *, seed: int, keep: float = 1.0):
        self._seen = {arm: [0.0, 0.0] for arm in arms}  # right, wrong
        self.keep = number(keep, "keep", low=0, high=1)
        if len(self._seen) < max(2, len(arms)) or not self.keep:
            raise ValueError(f"needs two arms and 0 < keep <= 1, got {arms}, {keep}")
        self._rng = np.random.default_rng(seed)

    def choose(self) -> str:
        """Return the arm that answers next."""
        draws = {
            arm: self._rng.beta(right + 1, wrong + 1)
            for arm, (right, wrong) in self._seen.items()
        }
        return max(draws, key=lambda arm: draws[arm])

    def update(self, arm: str, *, right: bool) -> None:
        """Learn whether the answer of `arm` was right."""
        if arm not in self._seen:
            raise ValueError(f"no arm is called {arm!r}, there are {[*self._seen]}")
        right = flag(right, "right")
        for counts in self._seen.values():
            counts[:] = (self.keep * count for count in counts)
        self._seen[arm][0 if right else 1] += 1

    def __repr__(self) -> str:
        told = (
            f"{arm} {r:.0f} of {r + w:.0f} right" for arm, (r, w) in self._seen.items()
        )
        return ", ".join(told)
