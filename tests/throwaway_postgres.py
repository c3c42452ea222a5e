"""A PostgreSQL cluster in a folder, for the length of a test run.

Debian: `apt-get install postgresql`. PostgreSQL refuses to be run by root, so root
hands the folder to the user `postgres` (or `nobody`).
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


def _programs():
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    return [shutil.which(name, path=path) for name in ("initdb", "pg_ctl")]


def missing():
    """Return what is not here, or "" if a cluster can be started."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "no psycopg"
    if os.name != "posix" or None in _programs():
        return "no PostgreSQL (Debian: apt-get install postgresql)"
    return ""


def _as_another_user(folder):
    """Return the beginning of a command, as root cannot run the programs itself."""
    if os.getuid() != 0:
        return []
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return ["runuser", "-u", user, "--"]


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclass(frozen=True)
class Server:
    """A running cluster, which may be started again, or frozen for a while."""

    url: str
    restart: Callable[[], None]
    first_process: Callable[[], int]

    @contextmanager
    def frozen(self):
        """Let none of its processes move in the `with`."""
        first = self.first_process()
        children = Path(f"/proc/{first}/task/{first}/children")
        everybody = [first, *map(int, children.read_text().split())]
        try:
            for process in everybody:
                with suppress(ProcessLookupError):  # an old session may just have ended
                    os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in everybody:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)


@contextmanager
def cluster():
    """Yield the URL of an empty database on a free port of 127.0.0.1."""
    with server() as running:
        yield running.url


@contextmanager
def server():
    """Yield a Server with an empty database."""
    initdb, pg_ctl = _programs()
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")  # its socket's path is short
    user = _as_another_user(folder)
    data, port = f"{folder}/data", _free_port()

    def run(*command):
        subprocess.run(
            [*user, *command], cwd=folder, check=True, capture_output=True, timeout=120
        )

    try:
        run(initdb, "-D", data, "-U", "clerk", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-h 127.0.0.1 -p {port} -k {folder}"
        log = f"{folder}/log"  # else pg_ctl's pipe stays open
        how = ["-D", data, "-o", options, "-l", log, "-w", "-m", "fast"]
        run(pg_ctl, *how, "start")
        try:
            yield Server(
                f"postgresql://clerk@127.0.0.1:{port}/postgres",
                restart=lambda: run(pg_ctl, *how, "restart"),
                first_process=lambda: int(
                    Path(data, "postmaster.pid").read_text().split()[0]
                ),
            )
        finally:
            run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
