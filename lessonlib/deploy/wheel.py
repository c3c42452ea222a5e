"""How does this library travel?

As a wheel: a zip of modules with three texts that say what it is (PEP 427). It holds no
compiled part, so no tool has to build it, and the same library gives the same bytes.
"""

import base64
import hashlib
import io
import tomllib
import zipfile
from pathlib import Path

from lessonlib.errors import LessonError

LIBRARY = Path(__file__).parents[1]
_LEFT_OUT = ("authoring", "checks", "grading")  # what no service needs
_SUFFIXES = (".py", ".html", ".template")
_WHEEL = "Wheel-Version: 1.0\nGenerator: lessonlib\nRoot-Is-Purelib: true\n"


def checkout_text(name: str) -> str:
    """Return the text of a file beside the library, such as pyproject.toml."""
    try:
        return (LIBRARY.parent / name).read_text(encoding="utf-8")
    except OSError as error:
        message = f"no {name} in {LIBRARY.parent} ({error.strerror})"
        raise LessonError(f"{message}; run this in the folder of the lesson") from None


def library_wheel() -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel of this library."""
    project = tomllib.loads(checkout_text("pyproject.toml"))["project"]
    name = f"{project['name']}-{project['version']}"
    about = f"Metadata-Version: 2.1\nName: {project['name']}\n"
    about += f"Version: {project['version']}\n"
    about += f"Requires-Python: {project['requires-python']}\n"
    files = _modules() | {
        f"{name}.dist-info/METADATA": about.encode(),
        f"{name}.dist-info/WHEEL": f"{_WHEEL}Tag: py3-none-any\n".encode(),
    }
    record = f"{name}.dist-info/RECORD"
    lines = [_recorded(path, content) for path, content in files.items()]
    files[record] = "\n".join([*lines, f"{record},,\n"]).encode()
    return f"{name}-py3-none-any.whl", _zipped(files)


def _modules() -> dict[str, bytes]:
    found = {}
    for path in sorted(LIBRARY.rglob("*")):
        place = path.relative_to(LIBRARY)
        if path.suffix in _SUFFIXES and place.parts[0] not in _LEFT_OUT:
            found[f"lessonlib/{place.as_posix()}"] = path.read_bytes()
    return found


def _recorded(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"{path},sha256={digest.decode().rstrip('=')},{len(content)}"


def _zipped(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)  # of 1980, whenever it is made
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()
