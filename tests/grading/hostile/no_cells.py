"""A notebook without cells."""

from . import NOTHING

SCORES = NOTHING
NOTE = "no cells"


def submit(notebook):
    return {**notebook, "cells": []}
