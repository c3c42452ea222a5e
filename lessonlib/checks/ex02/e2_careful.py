"""What may a file import? `careful_load(content, allowed)` loads a pickle."""

import io
import pickle
from typing import Any

from lessonlib.checks import Check, Mistake
from lessonlib.checks.ex02.pickles import asks, ended, names, refused, trap
from lessonlib.checks.probes import Broken, call, expect, outcomes

FRACTION = {("fractions", "Fraction")}
FRACTION_FILE = asks("fractions", "Fraction", "3/4")
ORDERED = {("collections", "OrderedDict")}
NEIGHBOURS = (  # what is asked for is not on the list, but near to it
    (names("fractions", "Decimal"), FRACTION, "fractions.Decimal"),
    (names("statistics", "Fraction"), FRACTION, "statistics.Fraction"),
    (names("fractions", "Fraction.from_float"), FRACTION, "Fraction.from_float"),
    (names("collections.abc", "Mapping"), ORDERED, "collections.abc.Mapping"),
)


def _listed(careful_load: Any) -> None:
    """a file that needs only names on the list is loaded"""
    loaded = call(careful_load, FRACTION_FILE, FRACTION)
    called = "a file that asks for fractions.Fraction('3/4')"
    hint = "what does super() do with a listed name, and which call loads the file?"
    expect(str(loaded), "3/4", called=called, hint=hint)
    loaded = call(careful_load, pickle.dumps([1, 2]), set())
    expect(
        loaded, [1, 2], called="a file of two numbers, with an empty list,", hint=hint
    )


def _refuses(careful_load: Any) -> None:
    """a name that isn't on the list is refused with an exception, and never called"""
    with trap() as (content, ran):
        said_no = refused(careful_load, content, FRACTION)
        if ran.exists():
            message = "a file that asks for os.mkdir made a folder: it was called"
            raise Broken(message, "which names pass your find_class?")
    only_named = refused(careful_load, names("operator", "add"), FRACTION)
    if not (said_no and only_named):
        message = "a file that asks for a name not on the list raised no exception"
        raise Broken(message, "how does find_class say no?")


def _exact(careful_load: Any) -> None:
    """a pair is on the list, so the same name in another module is refused"""
    for content, allowed, name in NEIGHBOURS:
        if not refused(careful_load, content, allowed):
            message = f"{name} was let in, and the list is {sorted(allowed)}"
            raise Broken(message, "what exactly has to be on the list?")


def _probe(answer: Any) -> list[Any]:
    with trap() as (content, ran):
        trapped = [ended(answer, content, FRACTION), ran.exists()]
    return [
        outcomes(lambda file: str(answer(file, FRACTION)), [(FRACTION_FILE,)]),
        trapped,
        ended(answer, names("operator", "add"), FRACTION),
        ended(answer, asks("builtins", "eval", "1"), FRACTION),
        [ended(answer, *near[:2]) for near in NEIGHBOURS],
    ]


def _asking(passes):
    """Return a careful_load whose find_class asks `passes(module, name, allowed)`."""

    def careful_load(content, allowed):
        class Careful(pickle.Unpickler):
            def find_class(self, module, name):
                if passes(module, name, allowed):
                    return super().find_class(module, name)
                raise pickle.UnpicklingError(f"{module}.{name} is not on the list")

        return Careful(io.BytesIO(content)).load()

    return careful_load


def _none(content, allowed):
    class Careful(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) in allowed:
                return super().find_class(module, name)

    return Careful(io.BytesIO(content)).load()


def _stand_in(content, allowed):
    class Careful(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) in allowed:
                return super().find_class(module, name)
            return lambda *arguments: "refused"

    return Careful(io.BytesIO(content)).load()


MISTAKES = (
    Mistake(
        "no list",
        "every name is let in, whatever the list says. If you call pickle.load or "
        "pickle.loads, your own class is never asked",
        _asking(lambda module, name, allowed: True),
    ),
    Mistake(
        "the module only",
        "the module alone is looked up, so whatever a listed module has imported "
        "for itself comes in with it. The list holds pairs, not modules",
        _asking(
            lambda module, name, allowed: module in {listed for listed, _ in allowed}
        ),
    ),
    Mistake(
        "None for a name",
        "find_class gives None for a name that is not on the list, and the load goes "
        "on with it. A file that only names something is let in: raise an exception",
        _none,
    ),
    Mistake(
        "the name only",
        "the name alone is looked up. Another module may have something of that name, "
        "and that would be let in. The list says which module is meant",
        _asking(
            lambda module, name, allowed: name in {listed for _, listed in allowed}
        ),
    ),
    Mistake(
        "a list of the forbidden",
        "this refuses the names that you could think of, and lets in all others. A "
        "forger only needs one that you forgot: which list was handed in?",
        _asking(
            lambda module, name, allowed: (
                (module, name) in allowed
                or module not in ("os", "subprocess", "sys", "builtins")
            )
        ),
    ),
    Mistake(
        "a stand-in",
        "a name that isn't listed gets a stand-in, and the load goes on: the caller "
        "gets something that isn't a model, and never hears of a refusal",
        _stand_in,
    ),
)

careful = Check(
    title="an allow-list for the unpickler",
    promises=(_listed, _refuses, _exact),
    probe=_probe,
    mistakes=MISTAKES,
)
