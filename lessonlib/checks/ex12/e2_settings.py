"""How is the service to be started? `settings(environ)` reads the environment."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.ex12.leaks import leaks
from lessonlib.checks.probes import Broken, Untouched, call, shortened

BLANKS = ("host", "port", "line")
PASSWORD = "s7Kd-pV20x"
DATABASE = f"postgresql://model:{PASSWORD}@db.example.org/log"
FILE = "answers.db"


def _settings(answer: Any, environ: dict[str, str]) -> dict[str, Any]:
    found = answer(dict(environ))
    if found is None:
        raise Untouched
    if not isinstance(found, dict) or not {*BLANKS} <= {*found}:
        seen = f"settings({environ}) gave {shortened(found)}"
        raise Broken(seen, "return the dictionary of the last line, as it stands")
    call(lambda: [found[name] for name in BLANKS])  # unless a blank is left
    return found


def _refused(answer: Any, environ: dict[str, str]) -> str:
    """Return in words what becomes of a port that cannot be one."""
    try:
        found = _settings(answer, environ)
    except Broken:
        raise
    except Untouched:
        return "no error, and nothing came back"
    except (Exception, SystemExit) as error:
        named = [name for name in ("PORT", environ["PORT"]) if name in str(error)]
        kind = ValueError if isinstance(error, ValueError) else type(error)
        return f"{kind.__name__} naming {' and '.join(named) or 'neither'}"
    return f"no error, and port {found['port']!r}"


def _ask(answer: Any, part: str, environ: dict[str, str]) -> Any:
    if part == "refused":
        return _refused(answer, environ)
    found = _settings(answer, environ)
    if part == "port":
        return [type(found["port"]).__name__, found["port"]]
    if part == "line":
        values = {"host": environ["HOST"], "port": environ["PORT"]}
        shown = [name for name, value in values.items() if value in str(found["line"])]
        return shown + ["password"] * leaks(found["line"], PASSWORD)
    return found[part]


def _case(part: str, gives: Any, hint: str, **environ: str) -> Case:
    called = f"settings({environ}): {part}"
    return case(part, environ, gives=gives, called=called, hint=hint)


def _bad_port(text: str) -> Case:
    hint = "look at the text before you use it: is it a whole number from 1 to 65535?"
    hint += " If not, a person has to learn which setting is wrong, and what it says"
    called = f"settings({{'PORT': {text!r}}})"
    expected = f"ValueError naming PORT and {text}"
    return case("refused", {"PORT": text}, gives=expected, called=called, hint=hint)


ALONE = "who may ask a service that was told nothing? Think of your own laptop"
NUMBER = "everything in the environment is text"
LINE = "the log outlives the service, and many people read it: what must it not hold?"
ELSEWHERE = {"HOST": "10.0.0.7", "PORT": "9000"}

PROMISES = (
    (
        "the host is the one that was set, and else only this computer",
        _case("host", "127.0.0.1", ALONE),
        _case("host", "10.0.0.7", "HOST is set here", HOST="10.0.0.7"),
    ),
    (
        "the port is a whole number, 8000 if nothing is set",
        _case("port", ["int", 8000], NUMBER),
        _case("port", ["int", 9000], NUMBER, PORT="9000"),
    ),
    (
        "a port that cannot be one is refused in a sentence with PORT and its text",
        *map(_bad_port, ("http", "80.5", "70000", "-1", "0")),
    ),
    (
        "the line for the log has host and port, and nothing of a password",
        _case("line", ["host", "port"], LINE, LOG=FILE, **ELSEWHERE),
        _case("line", ["host", "port"], LINE, LOG=DATABASE, **ELSEWHERE),
        _case("log", DATABASE, "the service still needs all of it", LOG=DATABASE),
    ),
)


def _brief(host, port, log):
    return f"{host}:{port}, log: {bool(log)}"


def _read(environ, *, port, line=_brief, host="127.0.0.1"):
    host, log = environ.get("HOST", host), environ.get("LOG", "")
    port = port(environ.get("PORT", "8000"))
    return {"host": host, "port": port, "log": log, "line": line(host, port, log)}


def _complain(text):
    raise ValueError(f"PORT must be a whole number from 1 to 65535, got {text!r}")


def _any_number(text):
    return int(text) if text.removeprefix("-").isdigit() else _complain(text)


def _checked(text):
    port = _any_number(text)
    return port if 0 < port < 65536 else _complain(text)


def _or_8000(text):
    return int(text) if text.isdigit() and 0 < int(text) < 65536 else 8000


def _everything(host, port, log):
    return f"host={host} port={port} log={log}"


MISTAKES = (
    Mistake(
        "a port of text",
        "the port is still a string. Opening a socket with it fails, far from here, "
        "with words about an integer. What makes a number of it?",
        lambda environ: _read(environ, port=str),
    ),
    Mistake(
        "Python's own words",
        "int() refuses 'http', but it only says that a literal is invalid. At night "
        "that tells nobody which setting is wrong, so name PORT. And int() has nothing "
        "against port 70000",
        lambda environ: _read(environ, port=int),
    ),
    Mistake(
        "any number",
        "nearly: 70000 and -1 are whole numbers, but not ports. Which ones are?",
        lambda environ: _read(environ, port=_any_number),
    ),
    Mistake(
        "a silent default",
        "PORT=http starts the service on 8000, without a word, and the proxy goes on "
        "asking another port. A default is for a setting that is missing; a setting "
        "that is wrong needs an error",
        lambda environ: _read(environ, port=_or_8000),
    ),
    Mistake(
        "open to everybody",
        "with no HOST set, the service listens at 0.0.0.0: on every network that the "
        "computer is in, before anybody has thought about keys. Which address lets in "
        "this computer alone?",
        lambda environ: _read(environ, port=_checked, host="0.0.0.0"),
    ),
    Mistake(
        "the password in the log",
        "the line for the log has all of LOG in it, and so the database's password. "
        "Say that a log is set, or name the database's computer, and no more",
        lambda environ: _read(environ, port=_checked, line=_everything),
    ),
)

settings = Check.table(
    title="settings from the environment",
    name="settings",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
