"""Which pages are made of others, and do they still say the same?"""

from lessonlib.authoring.glossary import glossary
from lessonlib.authoring.mistakes import known_mistakes
from lessonlib.authoring.pages import ROOT
from lessonlib.authoring.refresh import write

MADE = {"notebooks/glossary.md": glossary, "solutions/MISTAKES.md": known_mistakes}


def build_pages() -> int:
    """Write the pages and say which changed; return 0, as nothing can be wrong."""
    for name, made in MADE.items():
        print(f"{name}: {'written' if write(ROOT / name, made()) else 'unchanged'}")
    return 0


def check_pages() -> int:
    """Say which page is not what it is made of; return how many."""
    stale = [name for name, made in MADE.items() if _stored(name) != made().encode()]
    for name in stale:
        print(
            f"{name} is out of date: run `python -m lessonlib.authoring exercises`, "
            "and read the difference"
        )
    return len(stale)


def _stored(name):
    path = ROOT / name
    return path.read_bytes() if path.exists() else None
