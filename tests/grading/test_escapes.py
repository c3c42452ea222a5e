"""Does every rung keep a submission from what lies outside of its folder?

Who grades is root, or an ordinary user: Linux gives the two different rights.
"""

import ctypes
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hostile import NAME, instead

from lessonlib.authoring.page import ROOT
from lessonlib.grading import sandbox

HERE = Path(__file__).parent
SOLVED = ROOT / "solutions" / f"{NAME}.ipynb"
ROOT_HERE = os.geteuid() == 0
SOMEBODY = 12345  # an ordinary user, if the tests are root's
UNSHARE = shutil.which("unshare")
needs_namespaces = pytest.mark.skipif(
    not UNSHARE
    or subprocess.run([UNSHARE, *"--user --net --mount true".split()]).returncode > 0,
    reason="needs namespaces",
)
RUNGS = {
    "landlock": bool(sandbox.landlock_version()),
    "bubblewrap": bool(shutil.which("bwrap")),
}


def as_somebody(command):
    """Return a command that root starts, and that runs as an ordinary user.

    Root starts it in a world where somebody can reach Python and this checkout.
    """
    found = {place: closed_above(place) for place in (sys.base_prefix, ROOT)}
    closed = {place: above for place, above in found.items() if above}
    words = [
        *(f"a{i}=$(mktemp -d); mount --bind {p} $a{i}" for i, p in enumerate(closed)),
        *(f"mount -t tmpfs -o mode=755 x {above}" for above in {*closed.values()}),
        *(
            f"mkdir -p {p}; mount --move $a{i} {p}; rmdir $a{i}"
            for i, p in enumerate(closed)
        ),
        f'exec setpriv --reuid {SOMEBODY} --regid {SOMEBODY} --clear-groups "$@"',
    ]
    return ["unshare", "--mount", "sh", "-ec", "\n".join(words), "sh", *command]


def closed_above(place):
    """Return the first folder on the way to a place that only its owner may pass."""
    folders = reversed(Path(place).parents)
    return next((each for each in folders if not each.stat().st_mode & 1), None)


@pytest.fixture
def targets(tmp_path_factory):
    """Things of the user who grades, in a place that everybody reaches."""
    folder = Path("/tmp") / f"targets-{os.getpid()}"
    folder.mkdir()
    file, sibling, path = (folder / name for name in ("file", "sibling", "path"))
    file.write_text("SECRET")
    sibling.write_text("")
    os.setxattr(file, "user.there", b"x")
    libc, key = ctypes.CDLL(None), os.getpid()
    shared = libc.shmget(key, 4096, 0o1666)
    named = f"\0targets-{os.getpid()}"
    with (
        socket.socket(socket.AF_UNIX) as by_path,
        socket.socket(socket.AF_UNIX) as by_name,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams,
    ):
        by_path.bind(str(path))
        by_name.bind(named)
        datagrams.bind(f"{path}-datagrams")
        by_path.listen()
        by_name.listen()
        yield {
            "file": str(file), "sibling": str(sibling), "path": str(path),
            "abstract": named, "key": key,
        }  # fmt: skip
    libc.shmctl(shared, 0, None)
    shutil.rmtree(folder)


def done_by(targets, rung, *, somebody, sources=()):
    """Grade a submission that tries every deed; say which succeeded."""
    folder, command = (
        Path(targets["file"]).parent,
        [sys.executable, str(HERE / "on_a_rung.py")],
    )
    command += [str(SOLVED), rung, *map(str, sources)]
    wrapped = as_somebody(command) if somebody else command
    sleeper = ["sleep", "600"]
    if somebody:
        for each in [folder, *folder.iterdir()]:
            os.chown(each, SOMEBODY, SOMEBODY)
        sleeper = ["setpriv", "--reuid", str(SOMEBODY), "--clear-groups", *sleeper]
    with subprocess.Popen(sleeper) as victim:
        given = targets | {"victim": victim.pid, "sources": [*map(str, sources)]}
        code = f"given = {given!r}\n{(HERE / 'deeds.py').read_text()}"
        notebook = instead(json.loads(SOLVED.read_text()), "sol-rank", code)
        run = subprocess.run(
            wrapped, input=json.dumps(notebook), capture_output=True, text=True,
            cwd="/", env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        victim.kill()
    assert run.returncode == 0, run.stderr
    message = json.loads(run.stdout)["questions"][0]["message"]
    return message.partition("ValueError: ")[2]


USERS = [False, True] if ROOT_HERE else [False]
SOURCES = (ROOT / "solutions", ROOT / "tests")


@pytest.fixture
def sources():
    """Folders of sources; root can try one more, where else all may be read."""
    if not os.access("/opt", os.W_OK):
        yield SOURCES
        return
    with tempfile.TemporaryDirectory(dir="/opt") as folder:
        os.chmod(folder, 0o755)
        Path(folder, "secret.txt").write_text("SECRET")
        yield [*SOURCES, folder]


@needs_namespaces
@pytest.mark.parametrize("somebody", USERS, ids=["grader", "somebody"][: len(USERS)])
@pytest.mark.parametrize("rung", [rung for rung, there in RUNGS.items() if there])
def test_nothing_outside_is_touched(targets, sources, rung, somebody):
    done = done_by(targets, rung, somebody=somebody, sources=sources)
    assert re.fullmatch(r"0 of \d+ done: ", done)


def test_without_a_sandbox_the_deeds_succeed(targets):
    done = done_by(targets, "off", somebody=False, sources=SOURCES)
    assert int(done.partition(" ")[0]) > 15


LACKING = {
    "no namespaces": "files by Landlock, network not isolated, modes of files",
    "no walls": "a network and processes of its own, files not isolated",
}


@needs_namespaces
@pytest.mark.skipif(not RUNGS["landlock"], reason="needs Landlock")
@pytest.mark.parametrize("rung", LACKING)
def test_on_a_lower_rung_honest_work_is_graded_and_the_lack_is_named(rung):
    run = subprocess.run(
        [sys.executable, str(HERE / "on_a_rung.py"), str(SOLVED), rung],
        input=SOLVED.read_text(), capture_output=True, text=True, cwd="/",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    result = json.loads(run.stdout)
    assert result["raw_score"] == result["max_score"]
    assert LACKING[rung] in result["limits"]["isolation"]
