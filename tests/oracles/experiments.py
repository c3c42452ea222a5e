"""Ask statsmodels about two arms, and keep its answers beside this file.

Run it where statsmodels is installed: `python tests/oracles/experiments.py`. The tests
read the answers, so that statsmodels need not be there.
"""

import json
from importlib.metadata import version
from pathlib import Path

PROPORTIONS = (
    (412, 500, 438, 500),
    (186, 200, 192, 200),
    (9, 10, 3, 10),
    (0, 20, 0, 30),
    (20, 20, 18, 25),
    (951, 1021, 983, 1021),
    (1000, 20_000, 1100, 20_000),
)
RATES = ((0.93, 0.96, 200), (0.1, 0.12, 3841), (0.5, 0.6, 100), (0.05, 0.04, 5000))
MEANS = (
    ([1.0, 2.0, 4.0, 8.0], [3.0, 5.0, 9.0]),
    ([0.1, 0.4, 0.2, 0.3, 0.9], [0.5, 0.7, 0.6, 1.4, 1.1, 0.2]),
)
PAIRS = ((7, 39), (0, 5), (12, 12), (1, 9), (30, 18))


def cases_experiments():
    """Return what statsmodels says of the cases above."""
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.proportion import (
        confint_proportions_2indep,
        power_proportions_2indep,
        proportions_ztest,
    )
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

    proportions = []
    for a, n, b, m in PROPORTIONS:
        z_test = proportions_ztest([b, a], [m, n]) if a + b else (0.0, 1.0)
        ends = confint_proportions_2indep(b, m, a, n, compare="diff", method="newcomb")
        case = {"arms": [a, n, b, m], "p_value": z_test[1], "ends": list(ends)}
        proportions.append(case)
    power = [
        {
            "rates": [base, better],
            "n": n,
            "power": float(power_proportions_2indep(better - base, base, n).power),
        }
        for base, better, n in RATES
    ]
    means = []
    for a, b in MEANS:
        compared = CompareMeans(DescrStatsW(b), DescrStatsW(a))
        ends = compared.tconfint_diff(usevar="unequal")
        p_value = compared.ttest_ind(usevar="unequal")[1]
        case = {
            "arms": [a, b],
            "p_value": float(p_value),
            "ends": list(map(float, ends)),
        }
        means.append(case)
    pairs = [
        {"differ": [b, c], "p_value": float(mcnemar([[50, b], [c, 5]]).pvalue)}
        for b, c in PAIRS
    ]
    return {"proportions": proportions, "power": power, "means": means, "pairs": pairs}


if __name__ == "__main__":
    used = {name: version(name) for name in ("statsmodels", "scipy", "numpy")}
    text = json.dumps({"versions": used} | cases_experiments(), indent=1)
    Path(__file__).with_suffix(".json").write_text(text + "\n", encoding="utf-8")
