"""How does a benchmark have packages that the lesson has not? In its own folder."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python_with(packages: Sequence[str], name: str, *, ours_too: bool = False) -> Path:
    """Return the Python of build/peers/`name`, which has `packages`; made once.

    With `ours_too` it has the packages of this environment as well, the lesson's among
    them. It is made anew when other packages are wanted than the last time.
    """
    place, wanted = ROOT / "build" / "peers" / name, "\n".join(packages)
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = place / "installed.txt"
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    print(f"installing {name} ...", file=sys.stderr)
    make = venv.EnvBuilder(with_pip=False, clear=True, symlinks=os.name != "nt")
    make.create(place)
    if ours_too:
        ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        site = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
        link = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        Path(site.strip(), "ours.pth").write_text(link, encoding="utf-8")
    (pip,) = (ROOT / "setup").glob("pip-*.whl")
    install = [sys.executable, pip / "pip", "--python", python, "install", "-qq"]
    subprocess.run([*install, *packages], check=True)
    done.write_text(wanted, encoding="utf-8")
    return python
