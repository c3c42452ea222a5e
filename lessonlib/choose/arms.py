"""What has an arm brought: so many right, or a mean that varies so much?"""

import numpy as np
from scipy import stats

from lessonlib.evidence import whole

_ALIKE = 1e-13  # values this near each other, beside their size, differ by rounding


def right_of(arm: tuple[int, int], *, least: int = 0) -> tuple[int, int]:
    """Return an arm's (right, of how many) as whole numbers, or raise ValueError."""
    message = f"an arm is (right, of how many), got {arm!r:.60}"
    try:
        right, n = arm
        right, n = whole(right, "right"), whole(n, "of how many", least=least)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{message}: {error}") from None
    if right > n:
        raise ValueError(f"{message}: more are right than there are")
    return right, n


def is_constant(rows: np.ndarray) -> bool:
    """Return whether floats, shape (n,), differ by no more than rounding does."""
    return bool(np.ptp(rows) <= _ALIKE * np.abs(rows).max() or not rows.var())


def welch(a: np.ndarray, b: np.ndarray, *, level: float) -> tuple[float, float, float]:
    """Return both ends of the interval of b's mean minus a's, and Welch's p.

    Raises ValueError if neither varies, and yet they differ.
    """
    if is_constant(a) and is_constant(b):
        if not is_constant(np.append(a, b)):
            seen = f"all of control are {a[0]:g}, all of treatment {b[0]:g}"
            raise ValueError(
                f"{seen}: without any spread no test can tell, look closer"
            )
        return 0.0, 0.0, 1.0
    if is_constant(a) or is_constant(b):  # as good as a mean that is known
        sign, rows, mean = (1, b, a[0]) if is_constant(a) else (-1, a, b[0])
        test = stats.ttest_1samp(rows, mean)
        low, high = sorted(sign * (x - mean) for x in test.confidence_interval(level))
    else:
        test = stats.ttest_ind(b, a, equal_var=False)
        low, high = test.confidence_interval(level)
    return float(low), float(high), float(test.pvalue)
