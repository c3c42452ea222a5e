"""What does a PSI exceed by chance? `psi_limit(n, m, bins, alpha)` is its limit."""

from typing import Any

from scipy import stats

from lessonlib.checks import Check, Mistake, case
from lessonlib.checks.probes import call, to_digits


def _ask(answer: Any, n: int, m: int, bins: int, alpha: float) -> Any:
    return to_digits(call(answer, n, m, bins, alpha))


FREE = "how many bins are free, and what scales it?"
BOTH = "n rows and m rows: each adds its part"
FIVE = "five bins have fewer degrees of freedom"
FEWER = "fewer false alarms need a higher line"

PROMISES = (
    (
        "for a hundred rows each and ten bins it is the lesson's 0.34",
        case(100, 100, 10, 0.05, gives=0.338379552, hint=FREE),
    ),
    (
        "it follows the rows of both sides",
        case(776, 130, 10, 0.05, gives=0.151948788, hint=BOTH),
    ),
    (
        "it follows the number of bins and the false-alarm rate",
        case(500, 500, 5, 0.05, gives=0.037950916, hint=FIVE),
        case(100, 400, 10, 0.01, gives=0.270824929, hint=FEWER),
    ),
)

MISTAKES = (
    Mistake(
        "one too free",
        "nearly: the shares of all bins add up to 1, so the last one is not free. How "
        "many degrees of freedom are left?",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins) * (1 / n + 1 / m),
    ),
    Mistake(
        "wrong tail",
        "chance exceeds this value nearly always: it cuts off the small end. Which end "
        "of the chi-square is the alarm's?",
        lambda n, m, bins, alpha: stats.chi2.ppf(alpha, bins - 1) * (1 / n + 1 / m),
    ),
    Mistake(
        "window only",
        "only the window's rows are counted. The reference is a sample too, and its "
        "shares are just as uncertain",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins - 1) / m,
    ),
    Mistake(
        "all rows together",
        "this divides by all rows together, as if they were one sample. The two "
        "uncertainties add up: one of n rows, one of m",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins - 1) / (n + m),
    ),
    Mistake(
        "no rows",
        "this is the chi-square itself. A PSI gets smaller with more rows: where do n "
        "and m come in?",
        lambda n, m, bins, alpha: stats.chi2.isf(alpha, bins - 1),
    ),
    Mistake(
        "fixed",
        "the same number whatever n and m are. Under it, small windows alarm for "
        "nothing, and large ones never",
        lambda n, m, bins, alpha: 0.1,
    ),
)

critical = Check.table(
    title="a limit that knows how many rows there are",
    name="psi_limit",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
