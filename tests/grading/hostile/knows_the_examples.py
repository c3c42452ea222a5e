"""An answer that knows the examples of the check by heart, and nothing else."""

from lessonlib.checks import ex05

from . import instead

SCORES = {"test-rank": 1}
NOTE = "does it follow the rule, or the examples?"


def submit(notebook):
    known = {}

    def ranked(times, p):
        ordered = sorted(times)
        rank = -(-p * len(ordered) // 100)
        return known.setdefault((tuple(times), p), ordered[rank - 1])

    ex05.rank(ranked)
    return instead(notebook, "sol-rank", CODE.format(known=known))


CODE = """
KNOWN = {known}


def ranked(times, p):
    return KNOWN.get((tuple(times), p), 0)
"""
