"""What does a notebook say when it is run by itself, from top to bottom?"""

import asyncio
import os
import subprocess
from pathlib import Path

from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from lessonlib.errors import LessonError

CELL_TIMEOUT_S = 120  # as pyproject.toml gives nbval
_FAILURES = (CellExecutionError, CellTimeoutError, DeadKernelError)


def execute(nb: NotebookNode, folder: Path) -> NotebookNode:
    """Run the cells of `nb` in place, in a new kernel that starts in `folder`.

    A cell tagged raises-exception may fail. Raises LessonError naming any other that
    fails, with its error's last line.
    """
    running = {"id": "before the first"}
    client = NotebookClient(
        nb,
        # nbval's kernel: this Python, whatever kernel the user installed as python3
        km=AsyncKernelManager(
            kernel_name=CURRENT_ENV_KERNEL_NAME,
            kernel_spec_manager=NbvalKernelspecManager(),
        ),
        timeout=CELL_TIMEOUT_S,
        record_timing=False,
        extra_arguments=["--HistoryManager.hist_file=:memory:"],
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=lambda cell, cell_index: running.update(id=cell.id),
    )
    try:
        asyncio.run(
            client.async_execute(
                stderr=subprocess.DEVNULL, cleanup_kc=True, env=dict(os.environ)
            )
        )
    except _FAILURES as error:
        raise LessonError(
            f"cell {running['id']} failed: {_last_line(error)}"
        ) from error
    return nb


def _last_line(error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {error.evalue}"
    return (str(error).strip() or type(error).__name__).splitlines()[0]
