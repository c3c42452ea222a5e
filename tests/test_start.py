import errno
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from clones import (
    closed_port,
    fake_uv,
    make_clone,
    needs_a_shell,
    run,
    says_one_sentence,
    wheel,
    write,
)
from nbformat.v4 import new_code_cell, new_notebook

import start
from lessonlib.authoring.running import execute


@pytest.fixture
def clone(tmp_path):
    return make_clone(tmp_path)


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A workbook that is set up, with no package at all: make no change to it."""
    root = make_clone(tmp_path_factory.mktemp("ready"))
    (root / "requirements.lock").write_text("")
    assert "Set up in" in run(root, "shell", "python", "-V").stdout
    return root


def test_refresh_says_that_it_is_for_authors_where_their_tools_are_not(ready):
    says_one_sentence(run(ready, "refresh"), "Only authors")


@pytest.mark.long
def test_a_package_is_added_without_changing_the_lessons(ready, tmp_path):
    wheel(tmp_path, "mine", "1.0", requires="colorama")
    wheel(tmp_path, "colorama", "9.9")
    lock = ready / "requirements.lock"
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    code = "import mine; print(mine.__name__)"
    assert run(ready, "add", "mine", **offline).returncode == 0
    assert run(ready, "shell", "python", "-c", code).stdout == "mine\n"
    says_one_sentence(run(ready, "add"), "Which package")
    assert lock.read_text() == ""
    missing = run(ready, "add", "nowhere", **offline)
    assert missing.returncode == 1 and "cannot be added" in missing.stderr


# ---- the learner's copies


def test_lessons_and_exercises_are_copied(clone):
    assert start.copy_lessons(clone) == []
    work = clone / "my-work"
    assert (work / "notebooks/00_first.md").read_text() == "lesson one"
    assert (work / "notebooks/figures/belt.svg").exists()
    assert (work / "exercises/03_serve.md").exists()


def test_a_notebook_is_copied_without_what_would_spoil_the_guesses(clone):
    cells = [
        {"cell_type": "markdown", "source": ["Guess, ü"]},
        {"cell_type": "code", "source": ["2"], "outputs": ["2"], "execution_count": 7},
    ]
    write(clone / "notebooks/01_guess.ipynb", json.dumps({"cells": cells}))
    start.copy_lessons(clone)
    copied = (clone / "my-work/notebooks/01_guess.ipynb").read_text(encoding="utf-8")
    cells[1] |= {"outputs": [], "execution_count": None}
    assert json.loads(copied) == {"cells": cells}
    assert start.copy_lessons(clone) == []


def test_copying_again_changes_nothing(clone):
    start.copy_lessons(clone)
    before = {p: p.stat().st_mtime_ns for p in clone.glob("my-work/*/*")}
    assert start.copy_lessons(clone) == []
    assert {p: p.stat().st_mtime_ns for p in clone.glob("my-work/*/*")} == before


def test_a_changed_copy_is_kept_and_a_newer_lesson_is_named(clone):
    start.copy_lessons(clone)
    mine = clone / "my-work/notebooks/00_first.md"
    mine.write_text("my notes")
    assert start.copy_lessons(clone) == []  # nothing newer to tell of
    write(clone / "notebooks/00_first.md", "lesson two")
    assert start.copy_lessons(clone) == ["notebooks/00_first.md"]
    assert start.copy_lessons(clone) == ["notebooks/00_first.md"]  # until it is taken
    assert mine.read_text() == "my notes"
    mine.rename(mine.with_name("mine.md"))
    assert start.copy_lessons(clone) == []
    assert mine.read_text() == "lesson two"


def test_an_untouched_copy_follows_the_lesson(clone):
    start.copy_lessons(clone)
    write(clone / "notebooks/00_first.md", "lesson two")
    assert start.copy_lessons(clone) == []
    assert (clone / "my-work/notebooks/00_first.md").read_text() == "lesson two"


def test_a_deleted_copy_comes_back(clone):
    start.copy_lessons(clone)
    mine = clone / "my-work/exercises/03_serve.md"
    mine.unlink()
    start.copy_lessons(clone)
    assert mine.read_text() == "exercise"


def test_without_its_memory_no_copy_is_overwritten(clone):
    start.copy_lessons(clone)
    (clone / "my-work/.copies.json").unlink()
    write(clone / "notebooks/00_first.md", "lesson two")
    assert start.copy_lessons(clone) == ["notebooks/00_first.md"]
    assert (clone / "my-work/notebooks/00_first.md").read_text() == "lesson one"


def test_hidden_folders_and_the_learners_own_files_are_left_alone(clone):
    write(clone / "notebooks/.ipynb_checkpoints/00_first.md", "older")
    write(clone / "my-work/notebooks/scratch.ipynb", "mine")
    start.copy_lessons(clone)
    assert not (clone / "my-work/notebooks/.ipynb_checkpoints").exists()
    assert (clone / "my-work/notebooks/scratch.ipynb").read_text() == "mine"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"notebooks/00_first.md": "ab',
        b"[]",
        b"null",
        b"7",
        b"\xff",
        b"[" * 99999,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_with_half_a_memory_no_copy_is_overwritten(clone, content):
    start.copy_lessons(clone)
    mine = clone / "my-work/notebooks/00_first.md"
    mine.write_text("my notes")
    (clone / "my-work/.copies.json").write_bytes(content)
    write(clone / "exercises/03_serve.md", "newer")
    names = ["exercises/03_serve.md", "notebooks/00_first.md"]
    assert start.copy_lessons(clone) == names
    assert mine.read_text() == "my notes"
    assert (clone / "my-work/exercises/03_serve.md").read_text() == "exercise"


# ---- what can go wrong is one sentence


@pytest.mark.parametrize(
    "port", ["70000", "65536", "0", "-1", "", "8888.0", "eight", "٣", "9" * 30]
)
def test_a_port_that_is_none(port):
    with pytest.raises(SystemExit, match="--port is a number from 1 to 65535, not "):
        start.free_port([f"--port={port}"])
    with pytest.raises(SystemExit, match="not ''"):
        start.free_port(["--port"])


def test_a_port_is_taken_out_of_the_options():
    port = closed_port()
    options = ["--no-browser", f"--port={port}", "--ip=127.0.0.1"]
    assert start.free_port(options) == (port, ["--no-browser", "--ip=127.0.0.1"])
    assert start.free_port(["--port", f"{port}"]) == (port, [])
    assert start.free_port([])[0] in range(8888, 8988)


@pytest.mark.parametrize("text", ["", "<<<<<<< HEAD", "[]", "{}", '{"cells": [3]}'])
def test_a_lesson_that_is_no_whole_notebook(clone, text):
    write(clone / "notebooks/01_cut.ipynb", text)
    with pytest.raises(SystemExit, match="01_cut.ipynb is no whole notebook; take it"):
        start.copy_lessons(clone)


def test_a_full_disk_is_not_called_a_lack_of_rights():
    assert "disk is full" in start.what_to_do(OSError(errno.ENOSPC, "no space"))
    assert "may write" in start.what_to_do(PermissionError(errno.EACCES, "denied"))


def test_no_network(clone):
    result = run(clone, "test")
    says_one_sentence(result, "No package could be fetched; see to the network")
    assert not (clone / ".venv/made-from.txt").exists()  # so the next run begins again


def test_a_package_with_another_hash(clone):
    shelf = clone / "shelf"
    shelf.mkdir()
    shutil.copy(start.PIP, shelf / "iniconfig-2.3.1-py3-none-any.whl")
    result = run(clone, "test", PIP_NO_INDEX="1", PIP_FIND_LINKS=shelf.as_uri())
    says_one_sentence(result, "not the one that was tested")


def test_a_folder_that_cannot_be_made(clone):
    (clone / ".venv").write_text("a file where a folder should be")
    says_one_sentence(run(clone, "test"), "a folder where you may write")


def test_an_unknown_word(clone):
    says_one_sentence(run(clone, "tset"), "no tset; .* --help")


def test_an_older_python_hears_which_to_install(clone):
    newer = clone / "start.py"
    newer.write_text(
        newer.read_text().replace("= (3, 11), (3, 14)", "= (3, 98), (3, 99)")
    )
    this = f"{sys.version_info[0]}.{sys.version_info[1]}"
    says_one_sentence(
        run(clone, "test"), f"This is Python {this}; get 3.99 from python"
    )


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for a Python")
def test_a_suitable_python_is_looked_for(clone, tmp_path):
    newer = clone / "start.py"
    newer.write_text(
        newer.read_text().replace("= (3, 11), (3, 14)", "= (3, 98), (3, 99)")
    )
    write(tmp_path / "python3.99", "#!/bin/sh\nexit 1\n")  # found, but broken
    write(tmp_path / "python3.98", '#!/bin/sh\necho "3.98 got: $*"\n')
    for python in tmp_path.glob("python3.*"):
        python.chmod(0o755)
    result = run(clone, "test", "-k", "x y", PATH=str(tmp_path))
    assert result.stdout == f"3.98 got: {newer} test -k x y\n"
    assert result.returncode == 0


# ---- the set-up and what runs inside


def test_a_set_up_that_is_done_is_not_done_again(ready):
    assert run(ready, "shell", "python", "-c", "print(1 + 1)").stdout == "2\n"


def test_a_change_begins_the_set_up_again(clone, tmp_path):
    uv = tmp_path / "uv"  # a system that knows no #! takes our pip, and takes longer
    write(uv, "#!/bin/sh\n")
    uv.chmod(0o755)

    def sets_up():
        done = run(clone, "shell", "python", "-V", PATH=str(tmp_path))
        return "Set up in" in done.stdout

    (clone / "requirements.lock").write_text("")
    assert sets_up()
    (clone / "requirements.lock").write_text("# another lock")
    assert sets_up()
    clone = clone.rename(clone.with_name("elsewhere"))
    assert sets_up()
    assert not sets_up()


@needs_a_shell
def test_several_set_ups_at_once_make_one_environment(clone, tmp_path):
    env = fake_uv(tmp_path, f"echo x >> '{tmp_path}/installed'; sleep 1")
    words = ("shell", "python", "-c", "print(1 + 1)")
    with ThreadPoolExecutor(3) as pool:
        each = [pool.submit(run, clone, *words, **env) for _ in range(3)]
        done = [one.result() for one in each]
    assert [one.returncode for one in done] == [0, 0, 0]
    assert all(one.stdout.endswith("2\n") for one in done)
    assert sum("Set up in" in one.stdout for one in done) == 1
    assert (tmp_path / "installed").read_text() == "x\n"


def test_a_file_is_locked_until_it_is_closed(tmp_path):
    with open(tmp_path / "lock", "a") as one, open(tmp_path / "lock", "a") as other:
        assert not start.taken(one)
        assert start.taken(other)
        one.close()
        assert not start.taken(other)


@pytest.mark.long
def test_an_environment_that_lost_a_package_is_made_again(clone, tmp_path):
    wheel(tmp_path, "mine", "1.0")
    digest = hashlib.sha256((tmp_path / "mine-1.0-py3-none-any.whl").read_bytes())
    pin = f"mine==1.0 --hash=sha256:{digest.hexdigest()}"
    (clone / "requirements.lock").write_text(pin)
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}

    def sets_up():
        done = run(clone, "shell", "python", "-c", "import mine", **offline)
        assert done.returncode == 0, done.stderr
        return "Set up in" in done.stdout

    assert [sets_up(), sets_up()] == [True, False]
    (info,) = clone.glob(".venv/**/mine-1.0.dist-info")
    shutil.rmtree(info)
    assert [sets_up(), sets_up()] == [True, False]
    (clone / ".venv/made-from.txt").write_bytes(b"\xff")
    assert [sets_up(), sets_up()] == [True, False]


@needs_a_shell
def test_a_set_up_that_is_stopped_is_begun_again(clone, tmp_path):
    stopped = run(clone, "test", **fake_uv(tmp_path, "kill -INT $PPID; exit 1"))
    assert (stopped.returncode, stopped.stderr) == (1, "Stopped.\n")
    done = run(clone, "shell", "python", "-V", **fake_uv(tmp_path, "exit 0"))
    assert "Set up in" in done.stdout


@needs_a_shell
def test_ctrl_c_in_the_first_second_is_no_traceback(clone, tmp_path):
    press = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    (clone / "requirements.lock").write_text("")
    press_both = press.replace("getpid", "getppid") + press
    in_main = "def main():\n    " + press_both.replace("\n", "\n    ")
    write(clone / "jupyterlab/__init__.py", "")
    for lab in (press_both, in_main):  # while JupyterLab is imported, and begins
        write(clone / "jupyterlab/labapp.py", lab)
        done = run(clone)
        assert (done.returncode, done.stderr) == (1, "Stopped.\n")
    write(clone / "venv.py", press)
    done = run(clone)  # while start.py itself is
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


LAB = """
import os, socket, sys, time
def main():
    (port,) = [int(word[7:]) for word in sys.argv if word.startswith("--port=")]
    time.sleep(1)  # the other has time to choose the same
    with socket.create_server(("127.0.0.1", port)) as server:
        server.accept()  # start.py, which looks whether somebody listens
        with open("ports", "a") as file:
            file.write(f"{port}\\n")
        while len(open("ports").readlines()) < 2:
            time.sleep(0.05)
        server.accept()
"""


@pytest.mark.long
def test_two_that_open_the_workbook_at_once_get_two_ports(clone):
    (clone / "requirements.lock").write_text("")
    write(clone / "jupyterlab/__init__.py", "")
    write(clone / "jupyterlab/labapp.py", LAB)
    run(clone, "shell", "python", "-V")
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(run, clone) for _ in range(2)]
        done = [one.result() for one in both]
    assert [one.returncode for one in done] == [0, 0], done
    assert len({re.search(r"127.0.0.1:(\d+)", one.stdout)[1] for one in done}) == 2


def test_lessonlib_is_found_from_any_folder_and_nothing_else_first(ready, tmp_path):
    write(tmp_path / "start.py", "")
    code = "import start; print(ascii(start.__file__))"  # lessonlib's neighbour
    result = run(ready, "shell", "python", "-c", code, PYTHONPATH=str(tmp_path))
    assert result.stdout.strip() == ascii(str(ready / "start.py"))


def test_no_python_of_the_environment_waits_for_grammars_of_addresses(ready):
    result = run(ready, "shell", "python", "-c", "import rfc3987_syntax")
    assert "import of rfc3987_syntax halted" in result.stderr


def test_servers_of_this_computer_are_called_without_a_proxy(ready):
    code = "import os; print(os.environ['NO_PROXY'])"
    result = run(
        ready, "shell", "python", "-c", code, NO_PROXY="a.example", no_proxy=""
    )
    assert result.stdout == "a.example,127.0.0.1,localhost\n"


def home_with_settings(folder):
    """Return variables of somebody who has set up IPython and matplotlib."""
    profile = folder / ".ipython" / "profile_default"
    config = (
        "c = get_config()\n"
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
        "c.InlineBackend.figure_formats = {'svg'}\n"
        "c.InteractiveShellApp.exec_lines = ['print(17)']\n"
    )
    write(profile / "ipython_config.py", config)
    write(profile / "startup" / "00-mine.py", "print('from the start-up folder')\n")
    write(folder / ".config/matplotlib/matplotlibrc", "figure.figsize: 1, 1\n")
    write(folder / "mine.py", "print('from PYTHONSTARTUP')\n")
    env = {"HOME": str(folder), "USERPROFILE": str(folder), "MPLBACKEND": "svg"}
    env["PYTHONSTARTUP"] = str(folder / "mine.py")
    unset = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MATPLOTLIBRC", "XDG_CONFIG_HOME")
    return env | dict.fromkeys(unset, "")


NOTEBOOK = """
1 + 1
2 + 2
---
import matplotlib.pyplot as plt
plt.rcParams["figure.figsize"]
---
_ = plt.plot([1, 2])
"""


@pytest.mark.long
def test_what_a_person_has_set_up_changes_no_notebook(tmp_path, monkeypatch):
    for name, value in home_with_settings(tmp_path).items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, False)
    monkeypatch.setattr(start, "VENV", tmp_path)
    sources = NOTEBOOK.split("---\n")
    nb = new_notebook(cells=[new_code_cell(source) for source in sources])
    for name, value in start.with_our_settings().items():
        monkeypatch.setenv(name, value)
    for name in os.environ.keys() - start.with_our_settings().keys():
        monkeypatch.delenv(name)
    execute(nb, tmp_path)
    four, size, picture = (cell.outputs for cell in nb.cells)
    assert [output.data["text/plain"] for output in four] == ["4"]
    assert [output.data["text/plain"] for output in size] == ["[6.4, 4.8]"]
    assert [[*output.data] for output in picture] == [["text/plain", "image/png"]]


@pytest.mark.long
@pytest.mark.parametrize(
    "word, module",
    [("test", "pytest.py"), ("refresh", "lessonlib/authoring/__main__.py")],
)
def test_tests_and_refresh_run_with_our_settings(clone, tmp_path, word, module):
    write(clone / module, "import json, os; print(json.dumps(dict(os.environ)))")
    (clone / "requirements.lock").write_text("")
    done = run(clone, word, **home_with_settings(tmp_path))
    seen = [json.loads(line) for line in done.stdout.splitlines() if line[0] == "{"]
    assert seen, done.stderr
    for each in seen:
        assert {"PYTHONSTARTUP", "MPLBACKEND"}.isdisjoint(each)
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MATPLOTLIBRC"):
            assert each[name].startswith(str(clone / ".venv"))


def test_the_exit_code_of_a_command_is_ours(ready):
    assert run(ready, "shell", "python", "-c", "raise SystemExit(7)").returncode == 7


def test_an_unknown_command(ready):
    says_one_sentence(run(ready, "shell", "no-such-program"), "no such command")


def test_a_taken_port(ready):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        says_one_sentence(run(ready, f"--port={port}"), f"Port {port} is taken")


def test_help_teaches(clone):
    result = run(clone, "--help")
    assert result.returncode == 0
    assert "python3 start.py test" in result.stdout


def test_our_pip_is_the_published_one():
    published = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
    assert hashlib.sha256(start.PIP.read_bytes()).hexdigest() == published
