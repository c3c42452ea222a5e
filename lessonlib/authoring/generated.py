"""Which pages are made of others, and do they still say the same?"""

from lessonlib.authoring.glossary import glossary
from lessonlib.authoring.library_map import readme_with_map
from lessonlib.authoring.mistakes import known_mistakes
from lessonlib.authoring.page import ROOT
from lessonlib.authoring.refresh import write

GENERATED = {
    "README.md": readme_with_map,
    "notebooks/glossary.md": glossary,
    "solutions/MISTAKES.md": known_mistakes,
}
GROWING = ("solutions/MISTAKES.md",)  # a new line may wait for the next build


def build_pages() -> int:
    """Write the pages and say which changed; return 0, as nothing can be wrong."""
    for name, text in GENERATED.items():
        print(f"{name}: {'written' if write(ROOT / name, text()) else 'unchanged'}")
    return 0


def check_pages() -> int:
    """Say which page is not what it is made of; return how many."""
    stale = [name for name, text in GENERATED.items() if _is_stale(name, text())]
    for name in stale:
        print(
            f"{name} is out of date: run `python -m lessonlib.authoring exercises`, "
            "and read the difference"
        )
    return len(stale)


def _is_stale(name: str, text: str) -> bool:
    path = ROOT / name
    stored = path.read_text(encoding="utf-8") if path.exists() else None
    if stored is None or name not in GROWING:
        return stored != text
    return not set(stored.splitlines()) <= set(text.splitlines())
