"""Wrong answers about labels and decisions in notebook 11, and what to tell."""

from lessonlib.checks import Mistake

# -- audit


def _counted(
    *, chosen=lambda each, version: each["version"] == version, sources=("audit",)
):
    def answer(labels, version):
        here = [
            each
            for each in labels
            if each["label"] is not None
            and each["source"] in sources
            and chosen(each, version)
        ]
        return sum(each["prediction"] == each["label"] for each in here), len(here)

    return answer


def _unlabelled_count(labels, version):
    here = [e for e in labels if e["version"] == version and e["source"] == "audit"]
    return sum(each["prediction"] == each["label"] for each in here), len(here)


def _zero_is_nothing(labels, version):
    return _counted()([each for each in labels if each["label"]], version)


AUDIT = (
    Mistake(
        "the clerk's labels too",
        "the clerk looks at a card because it is doubtful, so those labels make the "
        "model look worse than it is. Which source did chance choose?",
        _counted(sources=("audit", "clerk")),
    ),
    Mistake(
        "the clerk's labels alone",
        "these are the labels of the doubtful cards, the one pile that says least "
        "about the rest. Which source did chance choose?",
        _counted(sources=("clerk",)),
    ),
    Mistake(
        "no label is wrong",
        "a card whose label has not come yet is counted among all, so each day looks "
        "bad until its labels are in. What do we know of such a card?",
        _unlabelled_count,
    ),
    Mistake(
        "every version",
        "answers of other versions are counted too. The question is how *this* version "
        "does, and on the day of a change there are two",
        _counted(chosen=lambda each, version: True),
    ),
    Mistake(
        "zero is no label",
        "the label 0 is dropped: in Python `if label` is false for the digit 0. Ask "
        "whether it `is None`",
        _zero_is_nothing,
    ),
)

# -- friday


def _by_the_table(now, before, table):
    if before is not None and table[now.version] < table[before.version]:
        return "roll back"
    return "keep"


def _by_shares(now, before, table):
    if now.right / now.n >= 0.85:
        return "keep"
    if before is not None and before.version != now.version:
        if before.right / before.n > now.right / now.n:
            return "roll back"
    return "retrain"


def _never_back(now, before, table):
    return "keep" if now.interval[1] >= 0.85 else "retrain"


def _always_back(now, before, table):
    if now.interval[1] >= 0.85:
        return "keep"
    changed = before is not None and before.version != now.version
    return "roll back" if changed else "retrain"


def _same_version_back(now, before, table):
    if now.interval[1] >= 0.85:
        return "keep"
    if before is not None and before.interval[0] > now.interval[1]:
        return "roll back"
    return "retrain"


def _lower_end(now, before, table):
    if now.interval[0] >= 0.85:
        return "keep"
    if before is not None and before.version != now.version:
        if before.interval[0] > now.interval[1]:
            return "roll back"
    return "retrain"


FRIDAY = (
    Mistake(
        "promoted by the table",
        "this decides by the offline table. It was made of mail from the old camera; "
        "the labels on the desk are from the mail that the model reads now",
        _by_the_table,
    ),
    Mistake(
        "shares without intervals",
        "this takes each share at its word. Nine right of twelve may be an excellent "
        "model with bad luck: what does the interval say?",
        _by_shares,
    ),
    Mistake(
        "never back",
        "this retrains even where the version before was surely better. To roll back "
        "takes a second, and what comes back has been tried",
        _never_back,
    ),
    Mistake(
        "back to something as bad",
        "this rolls back whenever the version has changed. Was the one before surely "
        "better? If not, what would be won?",
        _always_back,
    ),
    Mistake(
        "back to itself",
        "this rolls back although the version did not change between the two shifts: "
        "then the world did, and an older version knows it even less",
        _same_version_back,
    ),
    Mistake(
        "the lower end",
        "this acts unless the model is *surely* good, and with thirty labels hardly "
        "any model is. Act when it is surely *not* good: which end of the interval?",
        _lower_end,
    ),
)
