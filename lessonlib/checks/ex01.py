"""Exercises of notebook 01: save whole, compare all, choose a format, pack a model."""

import os
import pickle
from functools import cache
from typing import Any

import numpy as np

from lessonlib.checks import Check, wrong01
from lessonlib.checks.folder01 import NEW, OLD, saved_into_folder
from lessonlib.checks.probes import Broken, call, colocate, expect

# -- save: save_safely(write, path)


def _save_arrives(answer):
    """after a save, the file has the new content, and no other file lies beside it"""
    with saved_into_folder(answer) as (folder, _):
        hint = "which name do people load, and who gives it to the new file?"
        called = "the file after save_safely(write, path)"
        expect(folder.content(), NEW, called=called, hint=hint)
        called = "the folder after save_safely(write, path)"
        expect(os.listdir(folder.path.parent), ["model.joblib"], called=called)


def _save_survives(answer):
    """if the disk is full halfway, the old file is whole and the error is passed on"""
    with saved_into_folder(answer, disk_is_full=True) as (folder, raised):
        hint = "which file is open when the disk is full?"
        called = "the file after a full disk"
        expect(folder.content(), OLD, called=called, hint=hint)
        called = "does the caller hear of the full disk? save_safely"
        expect(raised, True, called=called, hint="let the error through")


def _save_is_whole(answer):
    """others read the old file until the new one, complete, takes its place"""
    with saved_into_folder(answer) as (folder, _):
        called = "reading the file while save_safely was writing"
        expect(folder.others_read, OLD, called=called)
        called = "is the file another one now, written in the same folder? save_safely"
        hint = "a new file takes a name by a rename, which copies nothing"
        seen = folder.is_another_file() and folder.stayed_here()
        expect(seen, True, called=called, hint=hint)


def _save_probe(answer):
    with saved_into_folder(answer) as (folder, _):
        seen = [folder.content(), folder.others_read, folder.stayed_here()]
        seen += [folder.is_another_file(), len(os.listdir(folder.path.parent))]
    with saved_into_folder(answer, disk_is_full=True) as (folder, raised):
        return [*seen, raised, folder.content()]


save = Check(
    title="save so that a crash leaves the old file",
    promises=(_save_arrives, _save_survives, _save_is_whole),
    probe=_save_probe,
    mistakes=wrong01.SAVE,
)


# -- same: same_answers(a, b, rows)

_ROWS = np.arange(1021.0)[:, None] * [1, 0.5]
_TABLE = np.random.default_rng(1021).uniform(1, 9, size=(1021, 10))


def _model(table):
    """Return a model that gives the scores of `table` to _ROWS, in whatever order."""

    def scores(rows):
        if np.ndim(rows) != 2:
            raise ValueError(f"rows must have shape (n, 2), got {np.shape(rows)}")
        return table[np.asarray(rows)[:, 0].astype(int)]

    return scores


def _with(row, change):
    table = _TABLE.copy()
    table[row, 3] += change
    return _model(table)


_CASES = (
    ("equal answers", _model(_TABLE), True),
    ("only the last row differs", _with(-1, 9.0), False),
    ("the last row is lower in b", _with(-1, -0.5), False),
    ("every row differs, in one score", _with(slice(None), 0.5), False),
    ("the same answers, for other rows", _model(_TABLE[::-1]), False),
    ("one score differs by 0.000001", _with(500, 1e-6), False),
    ("one score differs by 0.000000000001", _with(5, 1e-12), True),
)


def _same_on(answer, names, hint):
    for name, other, expected in _CASES:
        if name in names:
            seen = call(answer, _model(_TABLE), other, _ROWS)
            called = f"same_answers(a, b, rows), {name},"
            expect(seen, expected, called=called, hint=hint)


def _same_yes(answer):
    """models with equal answers are the same, also if the last digits differ"""
    names = ("equal answers", "one score differs by 0.000000000001")
    _same_on(answer, names, "up to 0.000000001 counts as equal")


def _same_every_row(answer):
    """rows with other answers mean no, be it one of 1,021"""
    names = [name for name, *_ in _CASES if "row" in name]
    _same_on(answer, names, "how many rows are compared, and each with which?")


def _same_small(answer):
    """a score that differs by more than 0.000000001 is another answer"""
    _same_on(
        answer,
        ("one score differs by 0.000001",),
        "how large a difference is let through?",
    )


same = Check(
    title="are these two models the same, on every row?",
    promises=(_same_yes, _same_every_row, _same_small),
    probe=lambda answer: [answer(_model(_TABLE), b, _ROWS) for _, b, _ in _CASES],
    mistakes=wrong01.SAME,
)


# -- formats: three letters


def _letters(choice):
    if not isinstance(choice, str | list | tuple):
        raise Broken(f"three letters are asked, one for each job, not {choice!r:.40}")
    letters = [each for each in "".join(map(str, choice)).upper() if each.isalpha()]
    if len(letters) != 3:
        raise Broken(f"three letters are asked, one for each job, not {len(letters)}")
    return letters


def _job(number, right, about, hint):
    def promise(choice):
        letter = _letters(choice)[number - 1]
        if letter != right:
            raise Broken(f"job {number}: {letter} is not the best choice", hint)

    promise.__doc__ = f"job {number}, {about}"
    return promise


formats = Check(
    title="a format for each of three jobs",
    promises=(
        _job(1, "D", "the quick start", "look at the figure: who is lowest?"),
        _job(2, "A", "the archive", "what is scarce in this job, time or room?"),
        _job(3, "B", "the shared table", "how much of the table does a process need?"),
    ),
    probe=_letters,
    mistakes=wrong01.FORMATS,
)


# -- travels: (keep, answer)


@cache
def _trained() -> tuple[Any, np.ndarray]:
    """Return a pipeline and rows from elsewhere, so that their own mean misleads."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(1)
    X = rng.normal([5, 200, -3], [2, 50, 0.1], size=(90, 3))
    y = 7 + (X[:, 0] / 2 + X[:, 1] / 50 > 6.5) + (X[:, 0] / 2 - 10 * X[:, 2] > 33)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    return model, rng.normal([6, 230, -3.05], [2, 50, 0.1], size=(40, 3))


def _through_a_file(thing):
    return pickle.loads(pickle.dumps(thing))


def _sent(functions):
    """Return what answers at the belt: `answer` with what `keep` kept, via a file."""
    keep, answer = functions
    model, _ = colocate(keep, _trained)()
    travel = colocate(keep, _through_a_file)
    kept = travel(call(keep, travel(model)))
    return lambda rows: np.asarray(call(answer, kept, rows)).tolist()


def _travels_bag(functions):
    """a bag of cards gets the digits that the whole model gives"""
    model, rows = _trained()
    hint = "through which steps does a card go in the whole model?"
    called = "answer(kept, rows) with 40 rows"
    expect(_sent(functions)(rows), model.predict(rows), called=called, hint=hint)


def _travels_alone(functions):
    """a card that comes alone gets the same digit as in its bag"""
    model, rows = _trained()
    at_belt = _sent(functions)
    alone = [digit for row in rows for digit in at_belt(row[None])]
    hint = "does an answer depend on the other cards that came with it?"
    called = "answer(kept, rows), 40 times with one row,"
    expect(alone, model.predict(rows), called=called, hint=hint)


def _travels_probe(functions):
    at_belt, rows = _sent(functions), _trained()[1]
    return [at_belt(rows), [at_belt(row[None]) for row in rows]]


travels = Check(
    title="keep what must travel, and answer with it",
    promises=(_travels_bag, _travels_alone),
    probe=_travels_probe,
    mistakes=wrong01.TRAVELS,
)
