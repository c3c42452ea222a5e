"""Exercises of notebook 02: read a file unloaded, keep a door, check before loading."""

import io
import pickle
from fractions import Fraction

import numpy as np

from lessonlib.checks import Check, hunt02, known02, wrong02
from lessonlib.checks.files02 import asks, names, refused, trap
from lessonlib.checks.probes import Broken, call, expect

# -- careful: careful_load(content, allowed)

_FRACTION = {("fractions", "Fraction")}
_ORDERED = {("collections", "OrderedDict")}
_NEIGHBOURS = (  # what is asked for is not on the list, but near to it
    (names("fractions", "Decimal"), _FRACTION, "fractions.Decimal"),
    (names("statistics", "Fraction"), _FRACTION, "statistics.Fraction"),
    (names("fractions", "Fraction.from_float"), _FRACTION, "Fraction.from_float"),
    (names("collections.abc", "Mapping"), _ORDERED, "collections.abc.Mapping"),
)


def _careful_listed(careful_load):
    """a file that needs only names on the list is loaded"""
    seen = call(careful_load, asks("fractions", "Fraction", "3/4"), _FRACTION)
    called = "a file that asks for fractions.Fraction('3/4')"
    hint = "what does super() do with a listed name, and which call loads the file?"
    expect(str(seen), "3/4", called=called, hint=hint)
    seen = call(careful_load, pickle.dumps([1, 2]), set())
    expect(seen, [1, 2], called="a file of two numbers, with an empty list,", hint=hint)


def _careful_refuses(careful_load):
    """a name that is not on the list is refused with an exception, and never called"""
    with trap() as (content, ran):
        said_no = refused(careful_load, content, _FRACTION)
        if ran.exists():
            message = "a file that asks for os.mkdir made a folder: it was called"
            raise Broken(message, "which names pass your find_class?")
    only_named = refused(careful_load, names("operator", "add"), _FRACTION)
    if not (said_no and only_named):
        message = "a file that asks for a name not on the list raised no exception"
        raise Broken(message, "how does find_class say no?")


def _careful_exact(careful_load):
    """module and name together are on the list: a neighbour is refused"""
    for content, allowed, name in _NEIGHBOURS:
        if not refused(careful_load, content, allowed):
            message = f"{name} was let in, and the list is {sorted(allowed)}"
            raise Broken(message, "what exactly has to be on the list?")


def _careful_probe(answer):
    with trap() as (content, ran):
        trapped = [refused(answer, content, _FRACTION), ran.exists()]
    return [
        str(answer(asks("fractions", "Fraction", "3/4"), _FRACTION)),
        trapped,
        refused(answer, names("operator", "add"), _FRACTION),
        refused(answer, asks("builtins", "eval", "1"), _FRACTION),
        [refused(answer, *near[:2]) for near in _NEIGHBOURS],
    ]


careful = Check(
    title="a door with a list",
    promises=(_careful_listed, _careful_refuses, _careful_exact),
    probe=_careful_probe,
    mistakes=wrong02.CAREFUL,
)


# -- wanted: wanted(content)

_PAIR = pickle.dumps([Fraction(3, 4), np.arange(3.0), np.dtype("int8")], protocol=4)


class _Listen(pickle.Unpickler):
    """Writes down what a file of our own imports."""

    def __init__(self, file):
        super().__init__(file)
        self.seen = set()

    def find_class(self, module, name):
        self.seen.add((module, name))
        return super().find_class(module, name)


def _truly(content):
    listener = _Listen(io.BytesIO(content))
    listener.load()
    return sorted(listener.seen)


def _sorted(found):
    return sorted({tuple(pair) for pair in found})


def _wanted_new(wanted):
    """the names of a file of today are found, as pairs of module and name"""
    hint = "which two texts does STACK_GLOBAL take from the pile?"
    seen = _sorted(call(wanted, asks("builtins", "exec", "1 + 1")))
    expect(seen, [("builtins", "exec")], called="wanted(a call of exec)", hint=hint)
    seen = _sorted(call(wanted, names("sklearn", "os.listdir")))
    called = "wanted(a file that names sklearn, os.listdir)"
    expect(seen, [("sklearn", "os.listdir")], called=called, hint=hint)


def _wanted_old(wanted):
    """those of an old file too, where one instruction has both"""
    hint = "look at what the instruction GLOBAL is given"
    seen = _sorted(call(wanted, asks("builtins", "exec", "1 + 1", old=True)))
    called = "wanted(the same call in protocol 3)"
    expect(seen, [("builtins", "exec")], called=called, hint=hint)


def _wanted_all(wanted):
    """all of them are found, and nothing else, in a file with several"""
    hint = "one pair for each import; do you take the texts from steps(content)?"
    seen = _sorted(call(wanted, _PAIR))
    expect(seen, _truly(_PAIR), called="wanted(a fraction and two of numpy)", hint=hint)
    seen = list(call(wanted, pickle.dumps(["builtins", "exec"])))
    expect(seen, [], called="wanted(a list of two texts)", hint=hint)


def _wanted_unloaded(wanted):
    """the file is read, not loaded"""
    for old in (False, True):
        with trap(old=old) as (content, ran):
            call(wanted, content)
            if ran.exists():
                message = "a file that calls os.mkdir made its folder: it was loaded"
                raise Broken(message, "what in your answer follows the instructions?")


def _wanted_probe(answer):
    contents = [asks("builtins", "exec", "1", old=old) for old in (False, True)]
    contents += [_PAIR, pickle.dumps(["builtins", "exec"]), names("operator", "add")]
    found = []
    for content in contents:
        try:
            found.append(_sorted(answer(content)))
        except Exception as error:
            found.append(type(error).__name__)
    with trap() as (content, ran):
        answer(content)
        return [*found, ran.exists()]


wanted = Check(
    title="what a file would import",
    promises=(_wanted_new, _wanted_old, _wanted_all, _wanted_unloaded),
    probe=_wanted_probe,
    mistakes=wrong02.WANTED,
)


# -- fences: four letters


def _letters(choice, place, letter, hint):
    text = str(choice).upper().replace(" ", "").replace(",", "")
    if len(text) != 4:
        message = f"the answer is {choice!r}, expected four letters such as 'ABCD'"
        raise Broken(message, "one letter for each case")
    expect(text[place], letter, called=f"the letter of case {place + 1}", hint=hint)


def _fence_damage(choice):
    """case 1: what finds a flipped bit, with the least effort"""
    _letters(choice, 0, "C", "nobody meant harm here")


def _fence_age(choice):
    """case 2: what finds a file that is whole, and old"""
    _letters(choice, 1, "A", "not a bit has changed since it was saved")


def _fence_forged(choice):
    """case 3: what finds a forgery by somebody who may write to the folder"""
    _letters(choice, 2, "D", "what can they not write?")


def _fence_stranger(choice):
    """case 4: what helps with a file that nobody you know has made"""
    _letters(choice, 3, "B", "whose word would a hash be?")


fences = Check(
    title="a fence for each case",
    promises=(_fence_damage, _fence_age, _fence_forged, _fence_stranger),
    probe=lambda choice: str(choice).upper().replace(" ", "").replace(",", ""),
    mistakes=wrong02.FENCES,
)


# -- the load that checks first, and the bug hunt

known, hunt = known02.known, hunt02.hunt
