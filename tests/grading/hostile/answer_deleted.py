"""One answer is deleted."""

SCORES = {"test-rank": 0}
NOTE = "sol-rank is missing"


def submit(notebook):
    return notebook | {"cells": [c for c in notebook["cells"] if c["id"] != "sol-rank"]}
