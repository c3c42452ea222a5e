"""What would a file import? `wanted(content)` reads it, and does not load it."""

import io
import pickle
import pickletools
from fractions import Fraction
from typing import Any

import numpy as np

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex02.pickles import asks, names, trap
from lessonlib.checks.probes import Broken, call, expect, outcomes

SEVERAL = pickle.dumps([Fraction(3, 4), np.arange(3.0), np.dtype("int8")], protocol=4)
TEXTS = pickle.dumps(["builtins", "exec"])


def _by_loading(content: bytes) -> set[tuple[str, str]]:
    """Return what a file imports, as no learner should: only for one of our own."""
    found = set()

    class Listen(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            found.add((module, name))
            return super().find_class(module, name)

    Listen(io.BytesIO(content)).load()
    return found


def _pairs(found: Any) -> list[Any]:
    """Return pairs in order, each once; what is no pair as it came."""
    pairs = {tuple(pair) if isinstance(pair, list) else pair for pair in found}
    return sorted(pairs, key=repr)


def _new(wanted: Any) -> None:
    """the names of a file of today are found, as pairs of module and name"""
    hint = "which two texts does STACK_GLOBAL take from the pile?"
    pairs = _pairs(call(wanted, asks("builtins", "exec", "1 + 1")))
    expect(pairs, [("builtins", "exec")], called="wanted(a call of exec)", hint=hint)
    pairs = _pairs(call(wanted, names("sklearn", "os.listdir")))
    called = "wanted(a file that names sklearn, os.listdir)"
    expect(pairs, [("sklearn", "os.listdir")], called=called, hint=hint)


def _old(wanted: Any) -> None:
    """those of an old file too, where one instruction has both"""
    hint = "look at what the instruction GLOBAL is given"
    pairs = _pairs(call(wanted, asks("builtins", "exec", "1 + 1", old=True)))
    called = "wanted(the same call in protocol 3)"
    expect(pairs, [("builtins", "exec")], called=called, hint=hint)


def _all(wanted: Any) -> None:
    """all of them are found, and nothing else, in a file with several"""
    hint = "one pair for each import; do you take the texts from steps(content)?"
    pairs, there = _pairs(call(wanted, SEVERAL)), _pairs(_by_loading(SEVERAL))
    expect(pairs, there, called="wanted(a fraction and two of numpy)", hint=hint)
    found = list(call(wanted, TEXTS))
    expect(found, [], called="wanted(a list of two texts)", hint=hint)


def _unloaded(wanted: Any) -> None:
    """the file is read, not loaded"""
    for old in (False, True):
        with trap(old=old) as (content, ran):
            call(wanted, content)
            if ran.exists():
                message = "a file that calls os.mkdir made its folder: it was loaded"
                raise Broken(message, "what in your answer follows the instructions?")


def _probe(answer: Any) -> list[Any]:
    contents = [asks("builtins", "exec", "1", old=old) for old in (False, True)]
    contents += [SEVERAL, TEXTS, names("operator", "add")]
    found = outcomes(lambda content: _pairs(answer(content)), zip(contents))
    with trap() as (content, ran):
        answer(content)
        return [*found, ran.exists()]


def _steps(content):
    memo: dict[Any, Any] = {}
    last = None
    for opcode, arg, _ in pickletools.genops(content):
        if opcode.name in ("MEMOIZE", "BINPUT"):
            memo[len(memo) if arg is None else arg] = last
            continue
        if "GET" in opcode.name:
            arg = memo.get(arg)
        last = arg
        yield opcode.name, arg


def _new_only(content):
    found = set()
    texts: list[str] = []
    for name, arg in _steps(content):
        if name == "STACK_GLOBAL":
            found.add(tuple(texts[-2:]))
        elif isinstance(arg, str):
            texts.append(arg)
    return found


def _old_only(content):
    steps = _steps(content)
    return {tuple(arg.split(" ")) for name, arg in steps if name == "GLOBAL"}


def _turned_round(content):
    found = set()
    texts: list[str] = []
    for name, arg in _steps(content):
        texts += arg.split(" ") if isinstance(arg, str) else []
        if "GLOBAL" in name:
            found.add((texts[-1], texts[-2]))
    return found


def _one_import(content):
    found = set()
    texts: list[str] = []
    for name, arg in _steps(content):
        if name == "STACK_GLOBAL":
            found = {tuple(texts[-2:])}
        elif name == "GLOBAL":
            found = {tuple(arg.split(" "))}
        elif isinstance(arg, str):
            texts.append(arg)
    return found


def _every_two_texts(content):
    texts = [arg for name, arg in _steps(content) if isinstance(arg, str)]
    pairs = {tuple(text.split(" ")) for text in texts if text.count(" ") == 1}
    return pairs | set(zip(texts, texts[1:], strict=False))


MISTAKES = (
    Mistake(
        "it was loaded",
        "the names are right, but they were found by loading the file, and it ran its "
        "command. By then it is too late: read the steps, and follow none",
        _by_loading,
    ),
    Mistake(
        "new files only",
        "files of protocol 3 and older slip through: they import with GLOBAL, which is "
        "given both names at once. A forger chooses the protocol",
        _new_only,
    ),
    Mistake(
        "old files only",
        "only GLOBAL is looked for, and today's files import with STACK_GLOBAL, which "
        "is given nothing: its two names are the last texts before it",
        _old_only,
    ),
    Mistake(
        "turned round",
        "the pairs are turned round: the module is laid on the pile first, then the "
        "name",
        _turned_round,
    ),
    Mistake(
        "one import",
        "only one import is told, and a file can have many: a poisoned model is mostly "
        "an honest one",
        _one_import,
    ),
    Mistake(
        "texts for names",
        "texts that are only data are told as imports. Nothing is imported until an "
        "instruction says so: which two do?",
        _every_two_texts,
    ),
)

wanted = Check(
    title="what a file would import",
    promises=(_new, _old, _all, _unloaded),
    probe=_probe,
    mistakes=MISTAKES,
)
