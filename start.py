"""Open the Lesson 8 workbook. Needs Python 3.11 to 3.14 and nothing else.

    python3 start.py                open the workbook in JupyterLab
    python3 start.py --port=8899    the same; options go on to JupyterLab
    python3 start.py test           run the tests; more words go on to pytest
    python3 start.py shell COMMAND  run one command inside the environment
    python3 start.py progress       see what you have done, and what comes next
    python3 start.py add PACKAGE    put another package into the environment
    python3 start.py refresh        for authors: run the notebooks, make the exercises

On Windows, write `py` for `python3`. The first time, the packages of requirements.lock
are fetched into the folder .venv; that takes one to three minutes on a usual line.
The notebooks and exercises are copied into my-work, and that is where you work: your
copies are never overwritten. To begin the set-up again, delete .venv. `test --long`
runs the tests that take long, too.
"""

# An older Python must be able to read this file, to say that it is too old.
import signal

if __name__ == "__main__":  # until all is imported, Ctrl-C ends this without a word
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import csv
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from contextlib import contextmanager
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 14)  # every package has wheels for these
SPACE_GB = 1.5
SLOWEST_S = 120  # for JupyterLab to listen

WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
PIP = ROOT / "setup" / "pip-26.3-py3-none-any.whl"  # not every Python has a pip
VENV = ROOT / ".venv"
STAMP = VENV / "made-from.txt"
WORK = ROOT / "my-work"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

# JupyterLab as `-m jupyterlab` starts it, but a Ctrl-C that it does not handle yet, or
# in the middle of its start, ends it without a traceback.
RUN_LAB = """
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
from jupyterlab.labapp import main
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    code = main()
except KeyboardInterrupt:
    code = 1
raise SystemExit(code)
"""

WHY_NOT_INSTALLED = [  # what the installer says, what the reader is told
    (
        "not match the hashes|hash mismatch",
        "A package is not the one that was tested; try another network",
    ),
    ("no space left|not enough space", f"The disk is full; free {SPACE_GB} GB"),
    ("long path", "A path is too long for Windows; move this folder to C:\\lesson8"),
    (
        "retrying|connect|dns error|failed to fetch|timed? ?out|certificate",
        "No package could be fetched; see to the network (HTTPS_PROXY names a proxy)",
    ),
    ("", "The installer stopped; read its last words"),
]


def main(words):
    """Do what `words` ask for and return the exit code."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return start([*other_python(), __file__, *words], env=None).wait()
    if Path(sys.prefix).resolve() == VENV:  # it cannot replace itself
        return start([sys._base_executable, __file__, *words], env=None).wait()
    if sys.getfilesystemencoding() == "ascii":  # PYTHONUTF8=0 with LANG=C: a folder of
        os.environ["PYTHONUTF8"] = "1"  # other letters could not be named, or read
        return start([sys.executable, "-X", "utf8", __file__, *words], env=None).wait()
    sys.stdout.reconfigure(errors="replace")  # not every console knows every letter
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if not words or words[0].startswith("-"):
        words = ["open", *words]
    commands = {"open": open_workbook, "test": test, "shell": shell}
    commands |= {"progress": progress, "add": add, "refresh": refresh}
    if words[0] not in commands:
        sys.exit(
            f"There is no {words[0]}; python3 start.py --help tells what there is."
        )
    set_up()
    return commands[words[0]](words[1:])


def other_python():
    """Return the command of a suitable Python on this computer, or leave."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        command = ["py", f"-3.{minor}"] if WINDOWS else [f"python3.{minor}"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if shutil.which(command[0]) and not subprocess.call([*command, "-V"], **quiet):
            return command
    mine, theirs = (".".join(map(str, v[:2])) for v in (sys.version_info, NEWEST))
    sys.exit(f"This is Python {mine}; get {theirs} from python.org and start again.")


def set_up():
    """Make .venv hold exactly what requirements.lock says, unless it does already."""
    if not what_is_wrong():
        return
    with alone() as lock:
        if why := what_is_wrong():  # whoever had to wait may find it done
            print(why, flush=True)
            make_environment(lock)


def what_is_wrong():
    """Return in a sentence why .venv has to be made; an empty one if it is whole."""
    try:
        made_from, *parts = STAMP.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):  # none, or half of one
        return "There is no whole .venv yet."
    if made_from != what_to_make_from():
        return "This .venv is of another lock, Python or folder."
    if not os.access(PYTHON, os.X_OK):
        return "The Python of .venv cannot be started."
    lost = next(damaged(parts), "")
    return lost and f"{lost} of .venv is gone, or not as it was installed."


def what_to_make_from():
    text = "\n".join([LOCK.read_text(), sys.version, ascii(str(ROOT))])
    return fingerprint(text.encode())


def installed():
    """Return what .venv is known by: a list of its files for each package, and more.

    Each is a name and a fingerprint. What is added to .venv later changes none of them.
    """
    lists = site_packages().glob("*.dist-info/RECORD")
    files = [*lists, *site_packages().glob("*.pth"), VENV / "pyvenv.cfg"]
    files = [path for path in files if path.exists()]
    names = [path.relative_to(VENV).as_posix() for path in files]
    return [f"{name} {fingerprint((VENV / name).read_bytes())}" for name in names]


def damaged(parts):
    """Yield which files of .venv are gone, or have another size than they had.

    `parts` is what `installed` returned when all was well.
    """
    for part in sorted({*parts} - {*installed()}):
        yield part.rpartition(" ")[0]
    base = site_packages()
    lists = [VENV / name for name, _, _ in (part.rpartition(" ") for part in parts)]
    for path in (path for path in lists if path.name == "RECORD"):
        with open(path, encoding="utf-8", newline="") as file:
            for name, _, size in csv.reader(file):
                if size and not has_size(f"{base}{os.sep}{name}", int(size)):
                    yield name


def has_size(path, size):
    try:
        return os.stat(path).st_size == size
    except OSError:
        return False


def site_packages():
    base = {"base": str(VENV), "platbase": str(VENV)}
    return Path(sysconfig.get_path("purelib", "venv", base))


def make_environment(lock):
    """Make .venv anew. Its stamp goes first and comes last: half a .venv has none."""
    if shutil.disk_usage(ROOT).free < SPACE_GB * 1e9:
        sys.exit(f"The set-up needs {SPACE_GB} GB of disk; free some and start again.")
    if os.pathsep in str(ROOT):
        sys.exit(
            f"Python cannot work in {ROOT}; take the {os.pathsep} out of its name."
        )
    began = time.monotonic()
    print("Setting up .venv, once: one to three minutes.", flush=True)
    if VENV.is_dir():
        STAMP.unlink(missing_ok=True)
    venv.EnvBuilder(clear=True, symlinks=not WINDOWS).create(VENV)
    install(lock)
    prepare_imports()
    stamp = "\n".join([what_to_make_from(), *sorted(installed())])
    write_whole(STAMP, stamp.encode())
    print(f"Set up in {time.monotonic() - began:.0f} s.", flush=True)


@contextmanager
def alone():
    """Let one start.py at a time change this folder; one that dies lets the next in."""
    with open(ROOT / ".start.lock", "a") as file:
        if taken(file):
            print("Another start.py is at work here; waiting for it.", flush=True)
            while taken(file):
                time.sleep(0.2)
        yield file


def taken(file):
    """Lock a file until it is closed; tell whether another process has locked it."""
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    except OSError:  # some network folders know no locks
        return False
    return False


def install(lock):
    """Install requirements.lock into .venv, by uv if it is there, else by our pip.

    The installer holds the `lock`, too: it may outlive us, if we are killed.
    """
    what = ["install", "--require-hashes", "--only-binary=:all:", "-r", LOCK]
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", *what, "--python", PYTHON]
    else:
        command = [PYTHON, PIP / "pip", *what, "--no-deps", "--no-user", "--no-input"]
        command += ["--disable-pip-version-check"]
    said, pipes = [], {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    pipes["pass_fds"] = [] if WINDOWS else [lock.fileno()]
    with start(command, **pipes) as installer:
        for line in installer.stdout:
            said.append(line.decode(errors="replace").strip())
            show_progress(said[-1])
    show_progress("")
    log = VENV / "set-up.log"
    log.write_text("\n".join(said), encoding="utf-8")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ours again
    if interrupted:
        raise KeyboardInterrupt
    if installer.returncode:
        text = log.read_text(encoding="utf-8").lower()
        why = next(why for words, why in WHY_NOT_INSTALLED if re.search(words, text))
        sys.exit(f"{why} and start again ({log} tells more).")


def show_progress(line):
    """Write `line` over the one before it, if a person is watching."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(line[:width].ljust(width), end="\r", flush=True)


def prepare_imports():
    """Let lessonlib be found in .venv from any folder, and Jupyter start sooner."""
    # A bare path would be read in the system's encoding, which may lack its letters.
    find_us = f"import sys; sys.path.append({ascii(str(ROOT))})"
    # With it, whatever reads a notebook builds 38 grammars first, which takes seconds,
    # to check addresses with letters of all languages. No notebook has any.
    skip_grammars = "import sys; sys.modules['rfc3987_syntax'] = None"
    ours = site_packages() / "lesson8.pth"
    ours.write_text(f"{find_us}\n{skip_grammars}\n", encoding="ascii")


def copy_lessons(root=ROOT):
    """Bring root/my-work up to date; return the names of the lesson's newer files that
    were not copied, because the learner has changed the copy of the older one.

    A hidden file holds the fingerprint of every copy as it was made. A copy that still
    has it is not the learner's work and may be replaced.
    """
    work, not_copied = root / "my-work", []
    memory = work / ".copies.json"
    copied = remembered(memory)
    for lesson in sorted([*root.glob("notebooks/**/*"), *root.glob("exercises/**/*")]):
        name = lesson.relative_to(root).as_posix()
        if lesson.is_dir() or "/." in name or "/__" in name:
            continue
        copy, content = work / name, without_outputs(lesson)
        new = fingerprint(content)
        old = fingerprint(copy.read_bytes()) if copy.exists() else None
        if old in (None, new, copied.get(name)):
            if old != new:
                write_whole(copy, content)
            copied[name] = new
        elif copied.get(name) != new:
            not_copied.append(name)
    write_whole(memory, json.dumps(copied, indent=1).encode())
    return not_copied


def remembered(memory):
    """Return the fingerprints of the copies; none if the file is not whole.

    Then every copy that is not the lesson's counts as the learner's, and is kept.
    """
    try:
        copied = json.loads(memory.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return copied if isinstance(copied, dict) else {}


def without_outputs(path):
    """Return a file's content; a notebook's without outputs, which spoil guesses."""
    content = path.read_bytes()
    if path.suffix != ".ipynb":
        return content
    try:
        notebook = json.loads(content)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        sys.exit(f"{path} is no whole notebook; take it from where the lesson is from.")
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def fingerprint(content):
    return hashlib.sha256(content).hexdigest()


def write_whole(path, content):
    """Write `content` so that nobody, not even after a power cut, finds half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except BaseException:  # a full disk, or Ctrl-C
        part.unlink(missing_ok=True)
        raise


def open_workbook(options):
    """Copy the lessons and serve them with JupyterLab until Ctrl-C."""
    page = first_page()
    token = os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(16))
    with alone():  # until the port is taken, or another start.py would choose it, too
        port, options = free_port(options)
        copy_and_tell()
        began = time.monotonic()
        settings = inside() | {"LESSON8_IS_OPEN": "1"}  # setup/jupyter adds no more
        lab = start([*lab_command(port, page), *options], env=settings)
        while lab.poll() is None and not listening(port):
            if time.monotonic() - began > SLOWEST_S:
                break  # it may listen at another address: an option of Jupyter's
            time.sleep(0.1)
    if lab.poll() is None and listening(port):
        print(f"JupyterLab is ready after {time.monotonic() - began:.1f} s:")
        print(f"  http://127.0.0.1:{port}{page}?token={token}")
        print("Your notebooks are in my-work. Ctrl-C here stops it.", flush=True)
    code = lab.wait()
    if interrupted and code:  # before it could end in its own way
        raise KeyboardInterrupt
    return code


def copy_and_tell():
    """Bring my-work up to date, and say what was not copied."""
    for name in copy_lessons():
        print(f"The lesson has a newer {name}, but you have changed your copy.")
        print(f"  To take it, rename my-work/{name} and start again.", flush=True)


def first_page():
    """Return the page of JupyterLab on which a learner begins."""
    first = [path.name for path in (ROOT / "notebooks").glob("00_*.ipynb")]
    return "/lab/tree/notebooks/" + first[0] if first else "/lab"


def lab_command(port, page):
    """Return the command that serves my-work with JupyterLab at `port`."""
    command = [
        *(PYTHON, "-c", RUN_LAB, f"--port={port}", "--ServerApp.port_retries=0"),
        f"--ServerApp.root_dir={WORK}",
        f"--LabApp.default_url={page}",
        "--ServerApp.answer_yes=True",  # one Ctrl-C is enough
        "--Application.log_level=ERROR",
        "--KernelManager.transport_encryption=auto",  # or each kernel begins by warning
    ]
    as_root = not WINDOWS and os.geteuid() == 0
    return [*command, "--allow-root"] if as_root else command


def free_port(options):
    """Return the port for JupyterLab, and the options that are not about it."""
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--port", nargs="?", const="", default=None)
    chosen, options = parser.parse_known_args(options)
    if chosen.port is None:
        ports = range(8888, 8988)
    elif re.fullmatch("[0-9]{1,5}", chosen.port) and 0 < int(chosen.port) < 65536:
        ports = [int(chosen.port)]
    else:
        sys.exit(f"--port is a number from 1 to 65535, not {chosen.port!r}.")
    port = next((port for port in ports if not listening(port)), None)
    if port is None:
        sys.exit(f"Port {ports[0]} is taken; choose another one, as in --port=8899.")
    return port, options


def listening(port):
    """Tell whether a server of this computer listens on `port`."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test(words):
    """Run pytest on the whole project, in several processes."""
    if not any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in words):
        # One more than there are cores: some tests wait for what they have started.
        words = [f"-n{min(4, 1 + (os.cpu_count() or 1))}", *words]
    # The processes share the cores already; threads on top make them slower.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    # And each of hundreds of Pythons would compile the tests and the library anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [PYTHON, "-m", "pytest", *words]
    return start(command, cwd=ROOT, env=with_our_settings()).wait()


def shell(words):
    """Run a command of the environment, in the folder where the caller is."""
    program = shutil.which(words[0], path=inside()["PATH"]) if words else None
    if not program:
        sys.exit(
            "There is no such command; try: python3 start.py shell python --version"
        )
    return start([program, *words[1:]]).wait()


def progress(words):
    """Show how far the learner is who works in my-work."""
    with alone():
        copy_and_tell()
    return start([PYTHON, "-m", "lessonlib.progress", WORK, *words]).wait()


def add(words):
    """Install more packages; the lesson's own keep their versions."""
    if not words:
        sys.exit("Which package? Such as: python3 start.py add lightgbm")
    pins = [line.split(" \\")[0] for line in LOCK.read_text().splitlines()]
    keep = VENV / "keep.txt"
    keep.write_text("\n".join(pin for pin in pins if "==" in pin and "--" not in pin))
    command = [PYTHON, PIP / "pip", "install", "--disable-pip-version-check"]
    code = start([*command, "--constraint", keep, *words]).wait()
    if code:
        sys.exit(f"{' '.join(words)} cannot be added; read the installer's last words.")
    return code


def refresh(words):
    """Run the notebooks again and make the exercises; with --check, only compare."""
    if not (ROOT / "lessonlib" / "authoring").exists():
        sys.exit("Only authors can refresh: this copy for learners lacks their tools.")
    author = [PYTHON, "-m", "lessonlib.authoring"]
    check = ["--check"] if "--check" in words else []
    there = {"cwd": ROOT, "env": with_our_settings()}
    code = start([*author, "refresh", *words], **there).wait()
    return code or start([*author, "exercises", *check], **there).wait()


interrupted = []  # not empty after a Ctrl-C that went to what we had started


def start(command, **options):
    """Start a command in .venv. Ctrl-C reaches it by itself; a kill is passed on."""
    allow_many_connections()
    options.setdefault("env", inside())
    child = subprocess.Popen([str(word) for word in command], **options)
    signal.signal(signal.SIGINT, lambda *_: interrupted.append(True))
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child


def allow_many_connections():
    """Let what is started here open more files than macOS does by default, 256."""
    if not WINDOWS:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < 4096:
            most = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def inside():
    """Return the variables of a process that lives in .venv."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
    env["PATH"] = os.pathsep.join([str(PYTHON.parent), env.get("PATH", os.defpath)])
    env["VIRTUAL_ENV"] = str(VENV)
    env["JUPYTER_CONFIG_PATH"] = str(ROOT / "setup" / "jupyter")
    env["JUPYTER_PREFER_ENV_PATH"] = "1"  # our kernel, not one of the same name at home
    direct = [env.get("no_proxy") or env.get("NO_PROXY"), "127.0.0.1", "localhost"]
    env["NO_PROXY"] = env["no_proxy"] = ",".join(filter(None, direct))
    return env | instead_of_home(env)


AT_HOME = {  # where Jupyter, IPython and matplotlib keep their things, and its name
    "JUPYTER_CONFIG_DIR": ".jupyter",
    "JUPYTER_DATA_DIR": ".local/share/jupyter",
    "IPYTHONDIR": ".ipython",
    "MPLCONFIGDIR": ".config/matplotlib",
}


def instead_of_home(env):
    """Return variables that name places in .venv, if a home cannot be written."""
    home = os.path.expanduser("~")
    left = {name: place for name, place in AT_HOME.items() if not env.get(name)}
    if all(can_be_written(Path(home, place)) for place in left.values()):
        return {}
    return {name: str(VENV / "home" / place) for name, place in left.items()}


def can_be_written(folder):
    """Tell whether a folder may be written, or made if there is none."""
    there = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    try:
        with tempfile.TemporaryFile(dir=there):
            return True
    except OSError:
        return False


def with_our_settings(settings=None):
    """Return the variables of a process whose notebooks run alike for everybody.

    What a person has set up for IPython, Jupyter or matplotlib is not read: `settings`
    is an empty folder instead, in .venv if none is given.
    """
    settings = settings or VENV / "settings"
    settings.mkdir(exist_ok=True)
    plain = settings / "matplotlibrc"  # empty; a folder of its own would cost its fonts
    plain.write_bytes(b"")
    theirs = ("MPLBACKEND", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONINSPECT")
    env = {name: value for name, value in inside().items() if name not in theirs}
    env["IPYTHONDIR"] = env["JUPYTER_CONFIG_DIR"] = str(settings)
    return env | {"MATPLOTLIBRC": str(plain)}


def what_to_do(error):
    """Return what may help against an error of the system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full: free some of it, and start again."
    return "the workbook needs a folder where you may write."


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    except OSError as error:
        sys.exit(f"{error}; {what_to_do(error)}")
