"""Every cell is there twice."""

SCORES = {}
NOTE = "a second cell sol-rank was ignored"


def submit(notebook):
    return notebook | {"cells": [c for cell in notebook["cells"] for c in (cell, cell)]}
