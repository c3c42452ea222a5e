"""Does a lesson run again, anywhere, offline, and leave nothing? A plugin for pytest.

nbval runs each notebook once and compares what it prints. For a lesson that is the
first of two turns: it starts in an empty folder, and can reach this computer alone.
With `--long` its cells run again in the same kernel, a server's start and what sends a
load twice. In the end no thread, port or process may be left.
"""

import ast
import atexit
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from nbval.plugin import IPyNbCell, IPyNbFile

from lessonlib.authoring.long_part import is_asked_for
from lessonlib.authoring.page import tags

NO_NETWORK = '''"""Only this computer can be reached."""
import socket

def _only_here(method):
    def connect(self, address):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            raise OSError(f"a lesson works offline, and asked for {address}")
        return method(self, address)
    return connect

socket.socket.connect = _only_here(socket.socket.connect)
socket.socket.connect_ex = _only_here(socket.socket.connect_ex)
'''
BEFORE = """import os as _os, runpy as _runpy, threading as _threading
import psutil as _psutil

_os.chdir({folder!r})
_os.environ["PYTHONPATH"] = {site!r}  # for the processes that a lesson starts
_runpy.run_path({site!r} + "/sitecustomize.py")

def _listening():
    there = _psutil.Process().net_connections("inet")
    return {{one.laddr.port for one in there if one.status == "LISTEN"}}

_before = set(_threading.enumerate()), _listening()"""
AFTER = """import gc as _gc, time as _time

from lessonlib.serve.server import stop_all as _stop_all

_stop_all()
_gc.collect()  # what nobody has any more ends by itself
_threads = set(_threading.enumerate()) - _before[0]
# the kernel's own, started by the first large message, such as a picture
_threads = {t for t in _threads if type(t).__name__ != "GarbageCollectorThread"}
_end = _time.monotonic() + 5
for _thread in _threads:
    _thread.join(timeout=max(0, _end - _time.monotonic()))
_left = [_thread.name for _thread in _threads if _thread.is_alive()]
assert not _left, f"threads are left: {_left}"
assert _listening() <= _before[1], f"ports are left: {_listening() - _before[1]}"
_children = _psutil.Process().children(recursive=True)
_children = _psutil.wait_procs(_children, timeout=5)[1]
assert not _children, f"processes are left: {_children}"
"""
_SENDS_A_LOAD = re.compile(r"\b(open_loop|closed_loop|Week)\(")


class SecondTurn:
    """Hooks of pytest that put cells before and after those of each lesson."""

    def __init__(self, folder: str, *, again: bool) -> None:
        self._folder, self._again = folder, again
        Path(folder, "sitecustomize.py").write_text(NO_NETWORK)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Surround the cells of every lesson that is run whole."""
        lessons = {item.parent for item in items if isinstance(item, IPyNbCell)}
        for lesson in lessons:
            cells = [item for item in items if item.parent is lesson]
            n = sum(cell.cell_type == "code" for cell in lesson.nb.cells)
            if lesson.path.parent.name == "notebooks" and len(cells) == n:
                first, end = items.index(cells[0]), items.index(cells[-1]) + 1
                items[end:end] = self._after(lesson, cells)
                items.insert(first, self._before(lesson))

    def _before(self, lesson: IPyNbFile) -> IPyNbCell:
        folder = tempfile.mkdtemp(dir=self._folder)
        source = BEFORE.format(folder=folder, site=self._folder)
        return _cell(lesson, "elsewhere and offline", source)

    def _after(self, lesson: IPyNbFile, cells: list[IPyNbCell]) -> Iterator[IPyNbCell]:
        """Yield the cells again, and first the start of each server: thrice in all.

        What sends a load runs thrice, too: a claim that does not hold asks for it.
        Where servers are built by hand, with several cells from start to stop, the
        whole notebook runs once more. The first turn has drawn the figures.
        """
        yield _cell(lesson, "no pictures", "%config InlineBackend.figure_formats = []")
        by_hand = any("make_server(" in item.cell.source for item in cells)
        turns = ("second turn", "third turn")[: 1 + by_hand]
        for turn in turns if self._again else ():
            for item in cells:
                name, source = f"{item.name}, {turn}", item.cell.source
                fails = "raises-exception" in tags(item.cell)
                if start := until_it_serves(source):
                    yield _cell(lesson, f"{name}, to its server", start, fails=fails)
                yield _cell(lesson, name, source, fails=fails)
                if _SENDS_A_LOAD.search(source) and "serve_processes(" not in source:
                    yield _cell(lesson, f"{name}, once more", source, fails=fails)
        yield _cell(lesson, "nothing is left", AFTER)


def until_it_serves(source: str) -> str:
    """Return the statements of a cell up to the last that starts a server, if any.

    Of a cell that starts processes, too, nothing: they take seconds.
    """
    serves = re.compile(r"\bserve\(")
    if not serves.search(source) or "serve_processes(" in source:
        return ""
    parts = [ast.unparse(statement) for statement in ast.parse(source).body]
    while not serves.search(parts[-1]):
        parts.pop()
    return "\n".join(parts)


def _cell(
    lesson: IPyNbFile, name: str, source: str, *, fails: bool = False
) -> IPyNbCell:
    """Return a cell for nbval that may print what it likes."""
    return IPyNbCell.from_parent(
        lesson,
        name=name,
        cell_num=0,
        cell=new_code_cell(source),
        options=defaultdict(bool, check=False, check_exception=fails),
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take part where nbval does."""
    if config.getoption("nbval", False):
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder, ignore_errors=True)  # xdist only exits
        again = is_asked_for(config, "long")
        config.pluginmanager.register(SecondTurn(folder, again=again))
