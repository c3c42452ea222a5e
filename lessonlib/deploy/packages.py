"""Which packages does a service need, and are they the tested ones?

Those that answering takes, those of the model, and what they need themselves, as the
lock names them: with versions and hashes. JupyterLab stays at home.
"""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from lessonlib.deploy.wheel import checkout_text
from lessonlib.save.columns import FRAME
from lessonlib.save.manifest import Manifest

_TO_SERVE = (
    "flask",
    "httptools",
    "joblib",
    "msgspec",
    "numpy",
    "prometheus-client",
    "scikit-learn",
    "scipy",
    "uvicorn",
    "uvloop",
    "waitress",
)
_NO_HASHES = (
    "# other versions than those of requirements.lock, so no hashes are known\n"
)
_ENTRY = re.compile(r"^([a-z0-9-]+)==(\S+).*\n(?:    --hash=.*\n?)+", re.M)


def service_requirements(manifest: Manifest) -> str:
    """Return what a service of this model installs: the lines of requirements.txt.

    Each has the hashes of the lock. If the model was made with other packages than the
    lock's, all have versions alone, those that are here, and the first line says so.
    """
    lock = checkout_text("requirements.lock")
    entries = {found[1]: found for found in _ENTRY.finditer(lock)}
    own = {_canonical(k): v for k, v in manifest.libraries.items() if k != "python"}
    frames = ["pandas"] if manifest.form == FRAME else []
    needed = sorted(_with_their_own([*_TO_SERVE, *own, *frames]))
    if all(name in entries and entries[name][2] == own[name] for name in own):
        return "".join(entries[name][0] for name in needed if name in entries)
    versions = {name: own.get(name) or _version_here(name) for name in needed}
    return _NO_HASHES + "".join(f"{n}=={v}\n" for n, v in versions.items() if v)


def _version_here(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:  # of another system, such as uvloop on Windows
        return None


def _with_their_own(names: Iterable[str]) -> set[str]:
    """Return packages and what they need. One that is not here needs nothing."""
    todo, found = [*map(_canonical, names)], set[str]()
    while todo:
        if (name := todo.pop()) in found:
            continue
        found.add(name)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:  # of another system, such as uvloop on Windows
            continue
        plain = [line for line in lines if "extra ==" not in line]
        todo += [_canonical(re.split(r"[^\w.-]", line)[0]) for line in plain]
    return found


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
