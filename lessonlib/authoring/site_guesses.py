"""Which outputs would spoil a guess?

Those of the cell that answers it: the one that hands the guess on, as
`plot_queue(..., guess_ms=my_guess)` or `how_near(my_guess, ...)` do. And what comes out
between the two, down to the next heading, since it's often the answer in other words.
"""

import ast
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from lessonlib.authoring.rules_of_code import parsed
from lessonlib.authoring.rules_of_text import without_code_blocks


@dataclass(frozen=True)
class Names:
    """Which names a cell reads, which it binds, and which of those to guesses."""

    read: frozenset[str]
    bound: frozenset[str]
    guesses: dict[str, str]  # a question for each name


def spoilers(cells: Iterable[NotebookNode]) -> dict[str, str]:
    """Return the questions that a cell's outputs would answer, by the cell's id."""
    asked: dict[str, str] = {}  # questions by name, answered or not
    waiting: dict[str, str] = {}  # those that nothing has answered yet
    found = {}
    for cell in cells:
        if cell.cell_type != "code":
            if _has_heading(cell.source):
                waiting = {}
            continue
        names = names_of(cell.source)
        known = asked | names.guesses
        answered = {name: known[name] for name in known if name in names.read}
        told = answered or (waiting if not names.guesses else {})
        if told and cell.outputs:
            found[cell.id] = " ".join(dict.fromkeys(told.values()))
        asked = _without(asked, names.bound) | names.guesses
        waiting = _without(waiting, names.bound) | names.guesses
        waiting = _without(waiting, answered)
    return found


def names_of(source: str) -> Names:
    """Return what the code of a cell does with names, as Python itself reads it."""
    try:
        nodes = list(ast.walk(parsed(source)))
    except SyntaxError:  # a lesson's mistake on purpose
        nodes = []
    names = [node for node in nodes if isinstance(node, ast.Name)]
    return Names(
        read=frozenset(name.id for name in names if isinstance(name.ctx, ast.Load)),
        bound=frozenset(name.id for name in names if isinstance(name.ctx, ast.Store)),
        guesses={name: text for node in nodes for name, text in _asked(node)},
    )


def _asked(node: ast.AST) -> list[tuple[str, str]]:
    """Return name and question of each guess that a node binds, in whichever way."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pass
        case (
            ast.AnnAssign(target=target, value=value)
            | ast.NamedExpr(target=target, value=value)
        ):
            targets = [target]
        case _:
            return []
    asked = " ".join(_questions(value or node))
    names = [each for target in targets for each in ast.walk(target)]
    return [(name.id, asked) for name in names if isinstance(name, ast.Name) and asked]


def _questions(value: ast.AST) -> Iterator[str]:
    """Yield what each call of `guess` within an expression asks."""
    for node in ast.walk(value):
        match node:
            case ast.Call(func=ast.Name(id="guess") | ast.Attribute(attr="guess")):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                texts = [each.value for each in given if isinstance(each, ast.Constant)]
                yield next((text for text in texts if isinstance(text, str)), "?")


def _has_heading(source: str) -> bool:
    return bool(re.search(r"^#{1,6} ", without_code_blocks(source), re.M))


def _without(questions: dict[str, str], names: Container[str]) -> dict[str, str]:
    return {name: questions[name] for name in questions if name not in names}
