"""Which tests wait until somebody asks for them? Those that take long.

A plugin for pytest: what is marked `long` runs with `--long`, as CI has it. What is
marked `soak` tries the same by the hundred, for minutes, and runs with `--soak`, which
runs everything.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--long` ask for more, and `--soak` for everything."""
    parser.addoption("--soak", action="store_true", help="run everything")
    parser.addoption("--long", action="store_true", help="run what takes long, too")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    config.addinivalue_line("markers", "long: takes long, and runs with --long")
    config.addinivalue_line("markers", "soak: takes minutes, and runs with --soak")


def is_asked_for(config: pytest.Config, mark: str) -> bool:
    """Return whether tests with this mark run."""
    return bool(config.getoption("--soak") or config.getoption(f"--{mark}"))


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what is marked, unless it is asked for."""
    waits = [mark for mark in ("long", "soak") if not is_asked_for(config, mark)]
    left_out = {item for item in items if any(map(item.get_closest_marker, waits))}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
