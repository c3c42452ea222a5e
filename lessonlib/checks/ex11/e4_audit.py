"""What do the labels say of a version? `audited(labels, version)`: right, and all."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call

Label = dict[str, Any]


def _label(version: str, source: str, prediction: int, label: int | None) -> Label:
    names = ("version", "source", "prediction", "label")
    return dict(zip(names, (version, source, prediction, label), strict=True))


PLAIN = [_label("v1", "audit", 3, 3)] * 4 + [_label("v1", "audit", 3, 5)]
CLERKS = [_label("v1", "clerk", 3, 8)] * 6
OPEN = [_label("v1", "audit", 3, None)] * 3
OTHERS = [_label("v2", "audit", 1, 1)] * 2
ZEROS = [_label("v1", "audit", 0, 0), _label("v1", "audit", 7, 0)]


def _ask(answer: Any, labels: list[Label]) -> Any:
    return call(answer, [dict(label) for label in labels], "v1")


def _of(what: str, labels: list[Label], *, gives: list[int], hint: str) -> Case:
    return case(labels, gives=gives, called=f"audited of {what}", hint=hint)


NUMBERS = "a pair of whole numbers; no label is neither right nor wrong"

PROMISES = (
    (
        "right ones and all, of the labels that have come",
        _of("4 right and 1 wrong", PLAIN, gives=[4, 5], hint=NUMBERS),
        _of(
            "4 right and 1 wrong, 3 without label",
            PLAIN + OPEN,
            gives=[4, 5],
            hint=NUMBERS,
        ),
        _of(
            "one 0 read as 0, one 0 read as 7",
            ZEROS,
            gives=[1, 2],
            hint="0 is a digit",
        ),
    ),
    (
        "only labels that chance has chosen",
        _of(
            "4 right and 1 wrong by audit, 6 wrong by the clerk",
            PLAIN + CLERKS,
            gives=[4, 5],
            hint="why does the clerk look at a card, and why does the audit?",
        ),
    ),
    (
        "only answers of the version that is asked for",
        _of(
            "5 answers of v1 and 2 of v2",
            PLAIN + OTHERS,
            gives=[4, 5],
            hint="whose answers are these?",
        ),
    ),
)


def _counts(labels):
    right = sum(label["prediction"] == label["label"] for label in labels)
    return right, len(labels)


def _of_version(labels, version):
    return [label for label in labels if label["version"] == version]


def _come(labels):
    return [label for label in labels if label["label"] is not None]


def _clerks_too(labels, version):
    return _counts(_come(_of_version(labels, version)))


def _clerks_alone(labels, version):
    mine = _come(_of_version(labels, version))
    return _counts([label for label in mine if label["source"] == "clerk"])


def _no_label_is_wrong(labels, version):
    mine = _of_version(labels, version)
    return _counts([label for label in mine if label["source"] == "audit"])


def _every_version(labels, version):
    return _counts([label for label in _come(labels) if label["source"] == "audit"])


def _zero_is_nothing(labels, version):
    mine = _of_version(labels, version)
    return _counts([x for x in mine if x["source"] == "audit" and x["label"]])


MISTAKES = (
    Mistake(
        "the clerk's labels too",
        "the clerk looks at a card because it is doubtful, so those labels make the "
        "model look worse than it is. Which source did chance choose?",
        _clerks_too,
    ),
    Mistake(
        "the clerk's labels alone",
        "these are the labels of the doubtful cards, the one pile that says least "
        "about the rest. Which source did chance choose?",
        _clerks_alone,
    ),
    Mistake(
        "no label is wrong",
        "a card whose label has not come yet is counted among all, so each day looks "
        "bad until its labels are in. What do we know of such a card?",
        _no_label_is_wrong,
    ),
    Mistake(
        "every version",
        "answers of other versions are counted too. The question is how *this* version "
        "does, and on the day of a change there are two",
        _every_version,
    ),
    Mistake(
        "zero is no label",
        "the label 0 is dropped: in Python `if label` is false for the digit 0. Ask "
        "whether it `is None`",
        _zero_is_nothing,
    ),
)

audit = Check.table(
    title="what the labels say",
    name="audited",
    promises=PROMISES,
    ask=_ask,
    also=((CLERKS,), (OPEN,), (OTHERS,), (PLAIN + CLERKS + OPEN + OTHERS,)),
    mistakes=MISTAKES,
)
