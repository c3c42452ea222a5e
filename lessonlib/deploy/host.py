"""What does a host need to serve a saved model?

A folder with the model and its code, the library, the packages, and the texts that put
a service behind systemd and nginx, or into a container. Each is a template beside this
file, with @{name} where a host's own words come.
"""

import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path
from string import Template

from lessonlib.deploy.own_code import own_code, try_alone
from lessonlib.deploy.packages import service_requirements
from lessonlib.deploy.wheel import library_wheel
from lessonlib.errors import LessonError
from lessonlib.save.artifacts import load_model
from lessonlib.save.manifest import read_files, write_files, write_whole
from lessonlib.serve.contract import MAX_BODY_BYTES
from lessonlib.serve.openapi import example_body

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")  # of a user, a service and a folder
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_DOTS = {"name": "", "domain": " and dots"}
_TEXTS = {  # file: its template
    "README.md": "README.md",
    "app.py": "app.py",
    "{name}.service": "service",
    "nginx.conf": "nginx.conf",
    "Containerfile": "Containerfile",
}


class _Page(Template):
    delimiter = "@"  # nginx and shells need the usual one


def deploy(
    folder: str | Path,
    to: str | Path,
    *,
    domain: str,
    name: str | None = None,
    port: int = 8000,
) -> list[str]:
    """Write what a host needs to serve the model of `folder`; return the files' names.

    `to` is a new folder, or one that has been written so before. The service is called
    `name` (as the model, unless given) and `domain` is what callers ask. Raises
    ArtifactError if the model is damaged, LessonError if code of its own is not whole,
    ValueError if a name cannot be one.
    """
    model = load_model(folder)  # checks bytes, versions and the golden answers
    manifest, *content = read_files(folder)
    code, (wheel, wheel_bytes) = own_code(model.estimator), library_wheel()
    beside = sorted({path.partition("/")[0] for path in code})
    requirements = _with_wheel(service_requirements(manifest), wheel, wheel_bytes)
    name = _checked("name", name or manifest.name, _NAME)
    body = json.dumps(example_body(manifest), ensure_ascii=False)
    words = {
        "name": name,
        "variable": name.replace("-", "_"),  # as nginx has it
        "domain": _checked("domain", domain, _DOMAIN),
        "port": str(_port(port)),
        "python": manifest.libraries["python"],
        "wheel": wheel,
        "require_hashes": "--require-hashes " * (" --hash=" in requirements),
        "max_body_bytes": str(MAX_BODY_BYTES),
        "copy_code": "".join(f"COPY {each} ./{each}\n" for each in beside),
        "and_code": "".join(f", `{each}`" for each in beside),
        "body": body.replace("'", "'\\''"),  # as a shell has it
    }
    written = {wheel: wheel_bytes, "requirements.txt": requirements.encode()} | code
    for file, template in _TEXTS.items():
        written[file.format(name=name)] = _filled(template, words)
    to = _only_ours(Path(to), {*written, *beside, "model"})
    write_files(to / "model", manifest, *content)
    for file, text in written.items():
        (to / file).parent.mkdir(exist_ok=True, parents=True)
        write_whole(to / file, text)
    if code:
        try_alone(to, model.estimator)
    return sorted([*written, "model"])


def _with_wheel(requirements: str, wheel: str, content: bytes) -> str:
    """Return the requirements with the library's own wheel, by its hash like others."""
    hashed = f" --hash=sha256:{hashlib.sha256(content).hexdigest()}"
    return f"./{wheel}{hashed * (' --hash=' in requirements)}\n{requirements}"


def _filled(template: str, words: dict[str, str]) -> bytes:
    path = files("lessonlib.deploy") / f"{template}.template"
    return _Page(path.read_text("utf-8")).substitute(words).encode()


def _checked(what: str, word: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(word):
        message = f"{word!r:.80} cannot be the {what} of a service: name another, with"
        raise ValueError(f"{message} small letters, digits, '-'{_DOTS[what]}")
    return word


def _port(port: int) -> int:
    if not 1024 <= port < 65536:
        raise ValueError(f"port must be between 1024 and 65535, got {port}")
    return port


def _only_ours(to: Path, ours: set[str]) -> Path:
    """Return the folder `to`, made if need be, if nothing else is in it."""
    if to.exists() and not to.is_dir():
        raise LessonError(f"{to} is not a folder; name a new one")
    others = sorted({path.name for path in to.glob("*")} - ours)
    if others:
        message = f"{to} has something else in it: {', '.join(others)[:200]}"
        raise LessonError(f"{message}; name a new folder")
    (to / "model").mkdir(parents=True, exist_ok=True)
    return to
