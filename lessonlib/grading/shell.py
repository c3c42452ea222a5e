"""What is the learner's notebook, where nobody looks on?

What shows, installs or times something in JupyterLab does nothing here, and harms
nothing: an answer below such a line counts.
"""

import contextlib
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets.config import Config

_NOT_HERE = (  # commands of a terminal, and what asks a person or opens a page
    "cd", "conda", "connect_info", "debug", "edit", "mamba", "man", "micromamba",
    "pdb", "pinfo", "pinfo2", "pip", "psearch", "qtconsole", "sc", "sx", "system", "uv",
)  # fmt: skip
_NOT_HERE_AS_CELL = ("!", "bash", "cmd", "debug", "perl", "ruby", "script", "sh", "sx",
                     "system")  # fmt: skip


class QuietShell(InteractiveShell):
    """IPython without a kernel, a screen or a terminal."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """Leave the figures where nobody sees them."""
        return gui, "agg"

    def system(self, command: str) -> None:
        """Do nothing: a submission has no terminal."""

    def getoutput(self, command: str, split: bool = True, depth: int = 0) -> Any:
        """Return that a command has printed nothing."""
        return SList() if split else LSString()

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run a magic. One that is not here, or fails, does not end the cell."""
        if magic_name not in _NOT_HERE:
            with contextlib.suppress(Exception):
                return super().run_line_magic(magic_name, line, _stack_depth + 1)
        return None

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a magic of a whole cell, unless it is a script for a terminal."""
        if magic_name not in _NOT_HERE_AS_CELL:
            return super().run_cell_magic(magic_name, line, cell)
        return None


def make_shell() -> QuietShell:
    """Return a shell that writes no history and shows no pictures."""
    import matplotlib

    matplotlib.use("Agg")
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.xmode = "Minimal"
    config.InteractiveShell.colors = "nocolor"
    return QuietShell.instance(config=config)
