"""The cells lie in reverse order."""

SCORES = {}
NOTE = ""


def submit(notebook):
    return notebook | {"cells": notebook["cells"][::-1]}
