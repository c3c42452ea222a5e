"""Which packages does a service need, and are they the tested ones?

Those that answering takes, those of the model, and what they need themselves, as the
lock names them: with versions and hashes. JupyterLab stays at home.
"""

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires

from lessonlib.deploy.wheel import checkout_text
from lessonlib.errors import ArtifactError
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
_ENTRY = re.compile(r"^([a-z0-9-]+)==(\S+).*\n(?:    --hash=.*\n?)+", re.M)


def service_requirements(manifest: Manifest) -> str:
    """Return the lines of the lock that a service of this model needs.

    Raises ArtifactError if the model needs a package that the lock has not.
    """
    lock = checkout_text("requirements.lock")
    entries = {found[1]: found for found in _ENTRY.finditer(lock)}
    own = {name: v for name, v in manifest.libraries.items() if name != "python"}
    for name, version in own.items():
        here = entries.get(_canonical(name))
        if here is None or here[2] != version:
            has = f"version {here[2]}" if here else "none"
            message = f"the model needs {name} {version}, requirements.lock has {has}"
            raise ArtifactError(f"{message}, and only what it has is known by its hash")
    frames = ["pandas"] if manifest.form == FRAME else []
    needed = _with_their_own([*_TO_SERVE, *own, *frames])
    return "".join(entries[name][0] for name in sorted(needed & entries.keys()))


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
