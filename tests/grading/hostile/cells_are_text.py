"""Cells that are no cells."""

from . import NOTHING

SCORES = NOTHING
NOTE = "no cells"


def submit(notebook):
    return {**notebook, "cells": ["sol-rank", 5, None]}
