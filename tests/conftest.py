"""What every test leaves behind: no figure. And what nobody looks for: old garbage."""

import gc
import signal
import sys

import pytest

# A shell lets what it starts with & ignore Ctrl+C, and all children inherit that: the
# tests that press it would wait for ever.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage while tests are imported, and never among them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def figures_are_closed():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
