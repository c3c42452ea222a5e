"""What every test leaves behind: no figure."""

import sys

import pytest


@pytest.fixture(autouse=True)
def figures_are_closed():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
