"""With whose settings do the notebooks of the tests run? Nobody's. A plugin for pytest.

What a person has set up for IPython, Jupyter or matplotlib is not read, also where
pytest is started by hand, and not by start.py.
"""

import importlib
import os
import sys
from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)  # before a kernel, or what forks them, is started
def pytest_configure(config: pytest.Config) -> None:
    """Set the variables that `start.py test` sets."""
    start = importlib.import_module("start")
    env = start.with_our_settings(Path(sys.prefix, "settings"))
    for name in os.environ.keys() - env.keys():
        del os.environ[name]
    os.environ.update(env)
