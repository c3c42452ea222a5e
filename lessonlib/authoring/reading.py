"""How long does a lesson take to read, and does its English sound translated?

200 words a minute, and 12 seconds for a line of code, which is read twice. The faults
are counted as far as a pattern can find them: a number that grows is worth a look, and
nothing more.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lessonlib.authoring.counting import count
from lessonlib.authoring.page import Page, read_page
from lessonlib.authoring.rules_of_text import without_code_blocks

WORDS_A_MINUTE, LINE_S = 200, 12
TOLERANCE, ROUNDED_MIN = 0.15, 2.5  # of what is computed, or to the nearest five
LONG = 30  # words: such a sentence is read twice

_STATED = re.compile(r"\*\*Time\*\*: (\d+) minutes")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?:;])[\s*_)\"]+|\n+")
_CONTRACTION = re.compile(r"\w['’](?:t|re|s|ll|ve|d|m)\b")
FAULTS = {
    "a clause as the subject": r"(?:^|[.:;] )(?:So )?[Ww]ho(?:ever)? [^?]*[.]$",
    "a causal as or for": r", (?:for|as) (?:the|it|we|a|you|they|he|his|there)\b",
    "is no, no more, needs not": r"\b(?:is|are) no [a-z]|\bno more\b|\bneeds? not\b",
    "say of, told by": r"\b(?:says?|said|tells?) of\b|\btold by\b|\bis said to\b",
    "a foreign order": r"\balready (?:a|the|one|with)\b|\botherwise\.|\beven so,",
    "a private word": r"\b(?:passenger|a fence|the pile)\b",
}


@dataclass(frozen=True)
class Reading:
    """What it takes to read a lesson."""

    words: int
    code_lines: int
    stated_min: int | None  # None if it states none
    long_sentences: int
    contractions: int
    faults: dict[str, int]

    @property
    def minutes(self) -> float:
        """How many minutes it takes, its own run aside."""
        return self.words / WORDS_A_MINUTE + self.code_lines * LINE_S / 60

    @property
    def holds(self) -> bool:
        """True if the stated minutes are about those that it takes."""
        if self.stated_min is None:
            return False
        allowed = max(TOLERANCE * self.minutes, ROUNDED_MIN)
        return abs(self.stated_min - self.minutes) <= allowed

    def __repr__(self) -> str:
        return (
            f"{self.words} words, {self.code_lines} lines of code, {self.minutes:.0f} "
            f"minutes, {self.stated_min} stated; {self.long_sentences} sentences over "
            f"{LONG} words, {self.contractions} contractions"
        )


def reading_of(page: Page) -> Reading:
    """Return what it takes to read one lesson."""
    text = "\n".join(without_code_blocks(cell.source) for cell in page.markdown)
    sentences = [found.strip() for found in _SENTENCE_ENDS.split(text)]
    stated, counts = _STATED.search(text), count(page)
    return Reading(
        words=counts.words,
        code_lines=counts.code_lines,
        stated_min=int(stated[1]) if stated else None,
        long_sentences=sum(len(each.split()) > LONG for each in sentences),
        contractions=len(_CONTRACTION.findall(text)),
        faults={
            name: sum(bool(re.search(pattern, each)) for each in sentences)
            for name, pattern in FAULTS.items()
        },
    )


def minutes_hold(page: Page) -> list[str]:
    """The stated minutes are those that reading takes, give or take 15 %."""
    found = reading_of(page)
    if found.holds:
        return []
    return [f"{found.stated_min} minutes are stated, reading takes {found.minutes:.0f}"]


def print_readings(paths: Iterable[Path]) -> int:
    """Print what it takes to read each lesson, and which faults were found."""
    for page in map(read_page, paths):
        if page.path.parent.name == "notebooks":
            found = reading_of(page)
            print(f"{page}: {found}")
            for name, n in found.faults.items():
                if n:
                    print(f"  {n} x {name}")
    return 0
