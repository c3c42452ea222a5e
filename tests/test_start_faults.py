"""Does start.py leave a whole .venv, or none, whatever happens to it?

It is stopped at every step, its files are damaged, its disk is full, its folder or the
home cannot be written. What comes of it is a sentence, and the next run sets up right.
"""

import errno
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clones import (
    fake_uv,
    make_clone,
    needs_a_shell,
    run,
    run_command,
    says_one_sentence,
    write,
)

import start

pytestmark = needs_a_shell

# An installer of one package, which holds one module.
INSTALLS = """
site=$(echo "$ROOT"/.venv/lib/python*/site-packages)
mkdir "$site/mine-1.0.dist-info"
echo "answer = 42" > "$site/mine.py"
printf 'mine.py,sha256=x,12\\nmine-1.0.dist-info/RECORD,,\\n' \
  > "$site/mine-1.0.dist-info/RECORD"
"""
USES = ("shell", "python", "-c", "import mine; print(mine.answer)")


@pytest.fixture
def clone(tmp_path):
    return make_clone(tmp_path)


@pytest.fixture
def uv(clone, tmp_path):
    """The variables with which the clone's one package is installed."""
    return fake_uv(tmp_path, INSTALLS) | {"ROOT": str(clone)}


# ---- it is stopped


# As sitecustomize: send a signal when a function is called, or returns.
STOPS = """
import os, signal, sys
kind, file, function, number = os.environ.pop("STOPPED_AT", "- - - 0").split()

def watch(frame, event, _):
    code = frame.f_code
    there = (event, code.co_name) == (kind, function)
    if there and code.co_filename.endswith(file):
        sys.setprofile(None)
        os.kill(os.getpid(), int(number))

sys.setprofile(watch)
"""
MOMENTS = [
    "call start.py what_is_wrong",
    "return start.py taken",
    "call start.py make_environment",
    "call venv/__init__.py setup_python",
    "return venv/__init__.py create",
    "call start.py install",
    "call start.py allow_many_connections",
    "call start.py show_progress",
    "return start.py install",
    "return start.py prepare_imports",
    "call start.py write_whole",
    "return start.py write_whole",
    "return start.py make_environment",
    "return start.py set_up",
]


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_it_may_be_stopped_at_any_step_of_the_set_up(clone, tmp_path, uv, number):
    write(tmp_path / "stops" / "sitecustomize.py", STOPS)
    stops = uv | {"PYTHONPATH": str(tmp_path / "stops")}
    for moment in MOMENTS:
        shutil.rmtree(clone / ".venv", ignore_errors=True)
        stopped = run(clone, *USES, STOPPED_AT=f"{moment} {number:d}", **stops)
        seen = stopped.returncode, stopped.stderr
        by_hand = (1, "Stopped.\n") if number == signal.SIGINT else (-number, "")
        assert (moment, *seen) == (moment, *by_hand)
        done = run(clone, *USES, **uv)
        assert done.stdout.endswith("42\n"), (moment, done.stdout, done.stderr)
        assert run(clone, *USES, **uv).stdout == "42\n"


def test_an_installer_that_outlives_start_py_is_waited_for(clone, tmp_path, uv):
    killer = fake_uv(tmp_path / "killer", f"kill -9 $PPID; sleep 1\n{INSTALLS}")
    killed = run(clone, *USES, **uv | killer)
    assert killed.returncode == -signal.SIGKILL
    # the next installer would find the folders of the first, if it had not waited
    done = run(clone, *USES, **uv)
    assert done.stdout.endswith("42\n"), done.stderr
    assert "Another start.py is at work here; waiting for it." in done.stdout
    assert run(clone, *USES, **uv).stdout == "42\n"


def test_whoever_waits_for_another_may_be_stopped(clone, tmp_path, uv):
    write(tmp_path / "stops" / "sitecustomize.py", STOPS)
    stops = {"STOPPED_AT": f"return start.py taken {signal.SIGINT:d}"}
    with open(clone / ".start.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run(clone, *USES, **uv | stops, PYTHONPATH=str(tmp_path / "stops"))
    assert (done.returncode, done.stderr) == (1, "Stopped.\n")


# ---- its .venv is damaged


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A workbook that is set up with its one package: make no change to it."""
    folder = tmp_path_factory.mktemp("whole")
    root = make_clone(folder)
    env = fake_uv(folder, INSTALLS) | {"ROOT": str(root)}
    assert run(root, *USES, **env).stdout.endswith("42\n")
    return root


@pytest.fixture
def venv(whole, monkeypatch):
    """The .venv of `whole`, to be damaged: it is mended afterwards."""
    kept = whole.parent / "kept"
    shutil.copytree(whole / ".venv", kept, symlinks=True)
    names = {"ROOT": whole, "LOCK": whole / "requirements.lock"}
    names |= {"VENV": whole / ".venv", "STAMP": whole / ".venv" / "made-from.txt"}
    names |= {"PYTHON": whole / ".venv/bin/python"}
    for name, value in names.items():
        monkeypatch.setattr(start, name, value)
    assert start.what_is_wrong() == ""
    yield whole / ".venv"
    shutil.rmtree(whole / ".venv")
    kept.rename(whole / ".venv")


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def empty(path):
    path.write_bytes(b"")


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"\n")


def turn_to_nowhere(path):
    path.unlink()
    path.symlink_to("/nowhere/python3")


def cut(path):
    path.write_bytes(path.read_bytes()[:30])


def spoil(path):
    path.write_bytes(b"\xff\xfe")


def take_rights(path):
    path.unlink()
    shutil.copy(sys.executable, path)
    path.chmod(0o644)


SITE = "lib/python*/site-packages"
DAMAGES = [
    ("bin/python", turn_to_nowhere, "The Python of .venv cannot be started"),
    ("bin/python", remove, "The Python of .venv cannot be started"),
    ("bin/python", take_rights, "The Python of .venv cannot be started"),
    (f"{SITE}/mine.py", empty, "mine.py of .venv is gone, or not as"),
    (f"{SITE}/mine.py", lengthen, "mine.py of .venv is gone, or not as"),
    (f"{SITE}/mine.py", remove, "mine.py of .venv is gone, or not as"),
    (f"{SITE}/mine-1.0.dist-info", remove, "mine-1.0.dist-info/RECORD of .venv is"),
    (f"{SITE}/mine-1.0.dist-info/RECORD", remove, "RECORD of .venv is gone, or not"),
    (f"{SITE}/mine-1.0.dist-info/RECORD", cut, "RECORD of .venv is gone, or not as"),
    (f"{SITE}/mine-1.0.dist-info/RECORD", spoil, "RECORD of .venv is gone, or not"),
    (f"{SITE}/lesson8.pth", empty, "lesson8.pth of .venv is gone, or not as"),
    (SITE, remove, "of .venv is gone, or not as it was installed"),
    ("pyvenv.cfg", remove, "pyvenv.cfg of .venv is gone, or not as"),
    ("pyvenv.cfg", empty, "pyvenv.cfg of .venv is gone, or not as"),
    ("made-from.txt", remove, "There is no whole .venv yet"),
    ("made-from.txt", empty, "There is no whole .venv yet"),
    ("made-from.txt", spoil, "There is no whole .venv yet"),
    ("made-from.txt", cut, "of another lock, Python or folder"),
]


@pytest.mark.parametrize(
    ("name", "damage", "sentence"),
    DAMAGES,
    ids=[f"{damage.__name__} {name}" for name, damage, _ in DAMAGES],
)
def test_a_damage_is_seen(venv, name, damage, sentence):
    (path,) = venv.glob(name)
    damage(path)
    assert sentence in start.what_is_wrong()


def test_what_a_learner_adds_is_no_damage(venv):
    (site,) = venv.glob(SITE)
    write(site / "theirs-2.0.dist-info/RECORD", "theirs.py,sha256=x,1\n")
    write(site / "theirs.pth", "")
    assert start.what_is_wrong() == ""


def test_a_damaged_environment_is_made_again_and_the_reason_told(clone, uv):
    run(clone, *USES, **uv)
    (module,) = clone.glob(f".venv/{SITE}/mine.py")
    empty(module)
    done = run(clone, *USES, **uv)
    assert done.stdout.startswith("mine.py of .venv is gone, or not as it was")
    assert done.stdout.endswith("42\n")
    assert run(clone, *USES, **uv).stdout == "42\n"


# ---- nothing can be written


def may_mount():
    command = ["unshare", "--mount", "true"]
    found = shutil.which("unshare") and os.geteuid() == 0
    return found and subprocess.run(command, capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(not may_mount(), reason="needs mounts of its own")


def in_a_world_of_its_own(script, *words, folder, **env):
    """Run a shell script whose mounts nobody else sees."""
    command = ["unshare", "--mount", "sh", "-ec", script, "sh", *map(str, words)]
    return run_command(command, folder, **env)


FULL = """
mount -t tmpfs -o size=8m x "$1"; cp -r "$2/." "$1"; cd "$1"
sed -i 's/^SPACE_GB = .*/SPACE_GB = 0/' start.py; export ROOT="$1"
fill() { cat /dev/zero > "$1" 2> /dev/null || true; }
fill ballast
"$3" start.py shell python -c "import mine" 2>> "$4/before" && exit 7
rm ballast
touch "$4/fill"
"$3" start.py shell python -c "import mine" 2>> "$4/during" && exit 7
rm "$4/fill"
"$3" start.py shell python -c "import mine; print(mine.answer)"
"""


@needs_mounts
def test_a_full_disk_is_told_and_once_there_is_room_all_is_well(clone, tmp_path):
    (tmp_path / "disk").mkdir()
    fills = f'if [ -e "{tmp_path}/fill" ]; then cat /dev/zero > .venv/ballast; fi'
    env = fake_uv(tmp_path, f"set -e; {fills}\n{INSTALLS}")
    words = (tmp_path / "disk", clone, sys.executable, tmp_path)
    done = in_a_world_of_its_own(FULL, *words, folder=tmp_path, **env)
    assert done.stdout.endswith("42\n"), done.stderr
    for when in ("before", "during"):
        text = (tmp_path / when).read_text()
        assert "disk is full" in text and "Traceback" not in text
        assert len(text.splitlines()) == 1


READ_ONLY = """
mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; cd "$1"; shift; exec "$@"
"""


@needs_mounts
def test_a_folder_that_cannot_be_written_is_told(clone, whole, tmp_path):
    for words in (["shell", "python", "-V"], [], ["test"]):
        done = in_a_world_of_its_own(
            READ_ONLY, clone, sys.executable, "start.py", *words, folder=tmp_path
        )
        says_one_sentence(done, "Read-only.*; the workbook needs a folder where you")
    for words in ([], ["test"], ["add", "x"]):  # of one that is set up
        done = in_a_world_of_its_own(
            READ_ONLY, whole, sys.executable, "start.py", *words, folder=tmp_path
        )
        says_one_sentence(done, "Read-only.*; the workbook needs a folder where you")
    use = [sys.executable, "start.py", *USES]
    done = in_a_world_of_its_own(READ_ONLY, whole, *use, folder=tmp_path)
    assert done.stdout == "42\n"


def test_half_a_file_is_not_left_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space")

    start.write_whole(tmp_path / "mine", b"one")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        start.write_whole(tmp_path / "mine", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (tmp_path / "mine").read_bytes() == b"one"


def homes(folder):
    """Return homes in which one of the programs could keep nothing."""
    (folder / "file").write_text("")
    write(folder / "a file in the way" / ".jupyter", "")
    (folder / "link").symlink_to("/nowhere/at/all")
    names = ("file", "link", "a file in the way")
    return ["/proc/home", "/dev/null/x", *(folder / name for name in names)]


def test_where_a_home_cannot_be_written_programs_keep_their_things_in_venv(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    for name in start.AT_HOME:
        monkeypatch.delenv(name, raising=False)
    for home in homes(tmp_path):
        monkeypatch.setenv("HOME", str(home))
        env = start.inside()
        assert all(Path(env[name]).is_relative_to(start.VENV) for name in start.AT_HOME)
        monkeypatch.setenv("IPYTHONDIR", "/mine")
        assert start.inside()["IPYTHONDIR"] == "/mine"
        monkeypatch.delenv("IPYTHONDIR")
    (tmp_path / "good").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "good"))
    assert start.AT_HOME.keys().isdisjoint(start.inside())
    assert list((tmp_path / "good").iterdir()) == []


def test_where_the_language_is_c_packages_read_their_files_in_utf_8(whole):
    asks = "import sys; print(sys.getfilesystemencoding(), sys.flags.utf8_mode)"
    names = {"LANG": "C", "LC_ALL": "C"}
    as_ascii = names | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for env in (names, as_ascii):
        done = run(whole, "shell", "python", "-c", asks, **env)
        assert done.stdout == "utf-8 1\n", done.stderr


# ---- a lesson changes under a learner's edits


def test_who_opens_the_workbook_hears_of_a_newer_lesson_and_keeps_the_own(clone, uv):
    write(clone / "jupyterlab/__init__.py", "")
    write(clone / "jupyterlab/labapp.py", "def main(): return 0")
    mine = clone / "my-work/notebooks/00_first.md"
    assert run(clone, **uv).returncode == 0
    mine.write_text("my notes")
    write(clone / "notebooks/00_first.md", "lesson two")
    write(clone / "exercises/03_serve.md", "exercise two")
    said = run(clone, **uv).stdout
    assert "The lesson has a newer notebooks/00_first.md, but you have changed" in said
    assert "rename my-work/notebooks/00_first.md and start again" in said
    assert "03_serve" not in said
    assert mine.read_text() == "my notes"
    assert (clone / "my-work/exercises/03_serve.md").read_text() == "exercise two"
