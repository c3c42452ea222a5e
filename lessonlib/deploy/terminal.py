"""How is a program started, as if typed into a terminal?"""

import os
import subprocess
import sys
from pathlib import Path

# A terminal hangs up on its programs; under nohup, what we start would not notice.
_IN_A_TERMINAL = """
import runpy, signal
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
runpy.run_path("app.py", run_name="__main__")
"""


def start_app(folder: str | Path, **settings: str) -> "subprocess.Popen[bytes]":
    """Start `app.py` of a folder, as if `python app.py` were typed into a terminal.

    `settings` are added to its environment. What it prints is lost.
    """
    return subprocess.Popen(
        [sys.executable, "-c", _IN_A_TERMINAL],
        cwd=folder,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
