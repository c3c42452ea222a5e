"""A notebook of the old format, in which cells lie in sheets."""

SCORES = {}
NOTE = ""


def submit(notebook):
    cells = notebook.pop("cells")
    for cell in cells:
        cell["input"] = cell.pop("source")
    return {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}
