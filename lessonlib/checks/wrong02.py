"""Wrong answers to the exercises of notebook 02, and what to tell who gives them."""

import io
import pickle
import pickletools

from lessonlib.checks import Mistake

# -- careful


def _door(passes, no=None):
    """Return a careful_load whose find_class asks `passes(module, name, allowed)`."""

    def careful_load(content, allowed):
        class Careful(pickle.Unpickler):
            def find_class(self, module, name):
                if passes(module, name, allowed):
                    return super().find_class(module, name)
                if no is not None:
                    return no
                raise pickle.UnpicklingError(f"{module}.{name} is not on the list")

        return Careful(io.BytesIO(content)).load()

    return careful_load


def _by_package(module, name, allowed):
    return module.split(".")[0] in {each.split(".")[0] for each, _ in allowed}


CAREFUL = (
    Mistake(
        "no door",
        "every name is let in, whatever the list says. If you call pickle.load or "
        "pickle.loads, your own class is never asked",
        _door(lambda module, name, allowed: True),
    ),
    Mistake(
        "the module only",
        "the module alone is looked up, so all that a listed module has imported for "
        "itself comes in with it. A pair is on the list, not a module",
        _door(lambda module, name, allowed: module in {each for each, _ in allowed}),
    ),
    Mistake(
        "the package",
        "a whole package is let in. The lesson reached os.listdir through sklearn that "
        "way: what is the smallest thing that can be listed?",
        _door(_by_package),
    ),
    Mistake(
        "the name only",
        "the name alone is looked up. Another module may have something of that name, "
        "and that would be let in: who says which module is meant?",
        _door(lambda module, name, allowed: name in {each for _, each in allowed}),
    ),
    Mistake(
        "a list of the forbidden",
        "this refuses the names that you could think of, and lets in all others. A "
        "forger only needs one that you forgot: which list was handed in?",
        _door(
            lambda module, name, allowed: (
                (module, name) in allowed
                or module not in ("os", "subprocess", "sys", "builtins")
            )
        ),
    ),
    Mistake(
        "a stand-in",
        "a name that is not listed gets a stand-in, and the load goes on: the caller "
        "is handed something that is no model and hears of no refusal",
        _door(
            lambda module, name, allowed: (module, name) in allowed,
            no=lambda *arguments: "refused",
        ),
    ),
)


# -- wanted


def _steps(content):
    memo, last = {}, None
    for opcode, arg, _ in pickletools.genops(content):
        if opcode.name in ("MEMOIZE", "BINPUT"):
            memo[len(memo) if arg is None else arg] = last
            continue
        if "GET" in opcode.name:
            arg = memo.get(arg)
        last = arg
        yield opcode.name, arg


def _find(content, *, new=True, old=True, turned=False, last_only=False):
    found, texts = [], []
    for name, arg in _steps(content):
        if name == "GLOBAL" and old:
            found.append(tuple(arg.split(" ")))
        elif name == "STACK_GLOBAL" and new:
            found.append(tuple(texts[-2:]))
        elif isinstance(arg, str):
            texts.append(arg)
    found = [pair[::-1] for pair in found] if turned else found
    return set(found[-1:] if last_only else found)


def _loads_it(content):
    seen = set()

    class Listen(pickle.Unpickler):
        def find_class(self, module, name):
            seen.add((module, name))
            return super().find_class(module, name)

    Listen(io.BytesIO(content)).load()
    return seen


def _every_two_texts(content):
    texts = [arg for name, arg in _steps(content) if isinstance(arg, str)]
    pairs = {tuple(text.split(" ")) for text in texts if text.count(" ") == 1}
    return pairs | set(zip(texts, texts[1:], strict=False))


WANTED = (
    Mistake(
        "it was loaded",
        "the names are right, but they were found by loading the file, and it ran its "
        "command. By then it is too late: read the steps, and follow none",
        _loads_it,
    ),
    Mistake(
        "new files only",
        "files of protocol 3 and older slip through: they import with GLOBAL, which is "
        "given both names at once. A forger chooses the protocol",
        lambda content: _find(content, old=False),
    ),
    Mistake(
        "old files only",
        "only GLOBAL is looked for, and today's files import with STACK_GLOBAL, which "
        "is given nothing: its two names are the last texts before it",
        lambda content: _find(content, new=False),
    ),
    Mistake(
        "turned round",
        "the pairs are turned round: the module is laid on the pile first, then the "
        "name",
        lambda content: _find(content, turned=True),
    ),
    Mistake(
        "one import",
        "only one import is told, and a file can have many: a poisoned model is mostly "
        "an honest one",
        lambda content: _find(content, last_only=True),
    ),
    Mistake(
        "texts for names",
        "texts that are only data are told as imports. Nothing is imported until an "
        "instruction says so: which two do?",
        _every_two_texts,
    ),
)


# -- fences

FENCES = (
    Mistake(
        "a hash beside it against a forger",
        "case 3: whoever can write the model can write a hash beside it as well. You "
        "saw it done with one call of save_model",
        "CACB",
    ),
    Mistake(
        "a hash for a stranger",
        "case 4: a hash from a trusted place says that the file is the one that "
        "somebody made. You do not know that somebody: what can be done unloaded?",
        "CADD",
    ),
    Mistake(
        "a hash against age",
        "case 2: the file is bit by bit what was saved, so every hash agrees. What has "
        "changed is the computer around it",
        "CCDB",
    ),
    Mistake(
        "reading for damage",
        "case 1: to read the instructions finds no flipped bit in the middle of a "
        "number. What changes with every single bit?",
        "BADB",
    ),
    Mistake(
        "versions against a forger",
        "case 3: a forger has the same libraries as you have, so the versions agree",
        "CAAB",
    ),
)
