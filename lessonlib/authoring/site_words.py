"""Where may a text be linked to the glossary?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lessonlib.authoring.glossary import WORD, Explanation

# Words with an everyday sense, too: only their own lesson surely means the other one.
EVERYDAY = frozenset(
    "arm audit authority bind bucket by-hand card certificate client contract counter "
    "coverage current drain drift dump effect gate healthy instruction interval label "
    "late load mature office port power promote ready reference roll-back serve server "
    "shift status stop tail thread unit validate window".split()
)


@dataclass(frozen=True, order=True)
class Word:
    """A word of the glossary, and the anchor of its explanation there."""

    number: str  # of the lesson that explains it
    text: str
    anchor: str


class Words:
    """All words of the glossary, ready to be found in a text."""

    def __init__(self, explained: list[Explanation]):
        self.of: dict[Explanation, list[Word]] = {entry: [] for entry in explained}
        places = [
            (place, entry, text)
            for entry in self.of
            for place, text in enumerate(WORD.findall(entry.text))
        ]
        # what an entry is chiefly about has the plain anchor: `hash`, before `hash-12`
        taken: set[str] = set()
        for _, entry, text in sorted(places, key=lambda each: each[0]):
            anchor = slug(text)
            if anchor in taken:
                anchor += f"-{entry.number}"
            taken.add(anchor)
            self.of[entry].append(Word(entry.number, text, anchor))

    @property
    def all(self) -> list[Word]:
        """The words in the order in which the glossary names them."""
        return [word for words in self.of.values() for word in words]

    def linked(self, number: str) -> dict[str, Word]:
        """Return the words that a page of lesson `number` links, ready for `find`.

        If two lessons explain a word, a lesson links its own, else the first.
        """
        found: dict[str, Word] = {}
        for word in sorted(self.all, key=lambda each: (each.number != number, each)):
            if word.number == number or slug(word.text) not in EVERYDAY:
                found.setdefault(_as_written(word.text), word)
        return found


def find(words: dict[str, Word], text: str) -> Iterator[tuple[str, Word | None]]:
    """Yield the parts of a text in order: words of `linked`, and what is between."""
    end = 0
    for match in _pattern(frozenset(words)).finditer(text):
        word = words.get(match[1]) or words.get(match[1].lower())
        if word:  # else it is a name such as Gil, and not the GIL
            yield text[end : match.start()], None
            yield match[0], word
            end = match.end()
    yield text[end:], None


def slug(text: str) -> str:
    """Return a word as an anchor: `a-b-test` for `A/B test`."""
    return "-".join(re.findall(r"\w+", text.lower()))


def _as_written(word: str) -> str:
    """Return a word with small letters, unless it has large ones inside, as the GIL."""
    return word if any(map(str.isupper, word[1:])) else word.lower()


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    """Return what finds any of the words, longer ones first, plurals too."""
    longest = sorted(words, key=lambda word: (-len(word), word))
    any_of_them = "|".join(map(re.escape, longest)) or "(?!)"
    return re.compile(rf"(?<![\w-])({any_of_them})(?:s|es)?(?![\w-])", re.I)
