"""Which tests wait until somebody asks for all of them? Those that take long.

A plugin for pytest: what is marked `long` runs with `--long`, as CI has it.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--long` ask for everything."""
    parser.addoption("--long", action="store_true", help="run what takes long, too")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "long: takes long, and runs with --long")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what is marked, unless everything is asked for."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
