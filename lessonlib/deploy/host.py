"""What does a host need to serve a saved model?

A folder with the model, the library and the exact packages, and the few texts that put
a service behind systemd and nginx, or into a container. Each is a template beside this
file, with @{name} where a host's own words come.
"""

import hashlib
import re
from importlib.resources import files
from pathlib import Path
from string import Template

from lessonlib.deploy.packages import service_requirements
from lessonlib.deploy.wheel import library_wheel
from lessonlib.errors import LessonError
from lessonlib.save.artifacts import load_model
from lessonlib.save.manifest import read_files, write_files, write_whole
from lessonlib.serve.contract import MAX_BODY_BYTES

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")  # of a user, a service and a folder
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
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
    ArtifactError if the model is damaged, ValueError if a name cannot be one.
    """
    load_model(folder)  # checks the bytes, the versions and the golden answers
    manifest, *content = read_files(folder)
    name = _checked("name", name or manifest.name, _NAME)
    wheel, wheel_bytes = library_wheel()
    words = {
        "name": name,
        "variable": name.replace("-", "_"),  # as nginx has it
        "domain": _checked("domain", domain, _DOMAIN),
        "port": str(_port(port)),
        "python": manifest.libraries["python"],
        "wheel": wheel,
        "max_body_bytes": str(MAX_BODY_BYTES),
    }
    requirements, own = service_requirements(manifest), f"./{wheel}"
    if hashed := " --hash=" in requirements:
        own += f" --hash=sha256:{hashlib.sha256(wheel_bytes).hexdigest()}"
    words["require_hashes"] = "--require-hashes " * hashed
    written = {wheel: wheel_bytes}
    written["requirements.txt"] = f"{own}\n{requirements}".encode()
    for file, template in _TEXTS.items():
        written[file.format(name=name)] = _filled(template, words)
    to = _only_ours(Path(to), {*written, "model"})
    write_files(to / "model", manifest, *content)
    for file, text in written.items():
        write_whole(to / file, text)
    return sorted([*written, "model"])


def _filled(template: str, words: dict[str, str]) -> bytes:
    path = files("lessonlib.deploy") / f"{template}.template"
    return _Page(path.read_text("utf-8")).substitute(words).encode()


def _checked(what: str, word: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(word):
        message = f"{word!r:.80} cannot be the {what} of a service"
        raise ValueError(f"{message}: small letters, digits and '-'; give {what}=")
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
