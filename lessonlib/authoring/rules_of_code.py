"""Does the code of a notebook run everywhere, and does nbval see what it does?"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from lessonlib.authoring.page import Page, tags

_STARTS_A_SERVER = (
    "make_server",
    "serve",
    "run",
    "run_simple",
    "bind",
    "create_server",
)
_MAGICS = ("run", "pip", "conda", "pinfo", "pinfo2")
_FOLDER = re.compile(
    r"""(?<![\w.:/<])/(?:home|root|Users|tmp|var|opt|usr|etc|mnt|private)\b
    |(?<![\w.:/<])(?:/[\w.-]+)+\.(?:py|ipynb)\b  # as in a traceback
    |\b[A-Za-z]:\\{1,2}\w""",
    re.VERBOSE,
)


def has_no_forbidden_code(page: Page) -> list[str]:
    """Nothing that fails elsewhere, hides from nbval, or teaches a bad habit."""
    found = []
    for cell in page.code:
        risky = "raises-exception" in tags(cell)
        try:
            tree = parsed(cell.source)
        except SyntaxError as error:
            if not risky:
                found.append(f"cell {cell.id} is not Python: {error.msg}")
            continue
        top = set(_outside_functions(tree))
        for node in ast.walk(tree):
            if complaint := _complaint(node, at_top=node in top, risky=risky):
                found.append(f"cell {cell.id}: {complaint}")
    return found


def has_no_semicolon(page: Page) -> list[str]:
    """No `;`: under nbval it does not silence a cell's value, so the cell fails."""
    return [
        f"cell {cell.id} has a `;`: end with a value worth seeing, or name it"
        for cell in page.code
        if _has_semicolon(cell.source)
    ]


def has_no_absolute_path(page: Page) -> list[str]:
    """No folder of one computer, in code or outputs."""
    found = []
    for cell in page.code:
        for where, text in [("code", cell.source), *texts(cell)]:
            if _FOLDER.search(text):
                found.append(
                    f"cell {cell.id} has an absolute path in its {where}: use "
                    "a relative one, or print only the name"
                )
    return found


@cache
def parsed(source: str) -> ast.Module:
    """Return the syntax tree of a cell, its magics turned into calls."""
    return ast.parse(TransformerManager().transform_cell(source))


def texts(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each output that is read as text."""
    for output in cell.outputs:
        if "text" in output:
            yield output.name, output.text
        if "evalue" in output:
            yield "error", f"{output.ename}: {output.evalue}"
        for kind, value in output.get("data", {}).items():
            if not kind.startswith("image/"):
                yield kind, str(value)


def _complaint(node: ast.AST, *, at_top: bool, risky: bool) -> str | None:
    """Return what is wrong with one node of a syntax tree, and the way out."""
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return "`import *` hides where names come from: name them"
        case ast.Attribute(value=ast.Name(id="sys"), attr="path"):
            return "no `sys.path`: the package is installed, import it"
        case ast.Name(id="In" | "Out" | "_ih" | "_oh" | "_dh"):
            return f"no `{node.id}`: nbval keeps no history, name the result instead"
        case ast.Constant(value="0.0.0.0") if not risky:
            return "no host 0.0.0.0: it opens the server to the network, use 127.0.0.1"
        case ast.Constant(value=str() as text) if _fixed_port(text):
            return "an address with a fixed port may be taken: use the server's `.url`"
        case ast.keyword(arg="debug", value=ast.Constant(value=True)) if not risky:
            return "`debug=True` opens a console to strangers: show it in markdown"
        case ast.keyword(arg="port", value=ast.Constant(value=int() as port)) if port:
            return f"port {port} may be taken: use port 0 and read the one you got"
        case ast.Call():
            return _call_complaint(node, at_top)
    return None


def _call_complaint(node: ast.Call, at_top: bool) -> str | None:
    name = ast.unparse(node.func)
    given = [value for argument in node.args for value in _constants(argument)]
    first = str(given[0]) if given else ""
    if name.split(".")[-1] == "sleep" and at_top:
        return "to `sleep` and hope fails on a busy computer: wait for an event"
    if name.split(".")[-1] in _STARTS_A_SERVER and any(
        _is_port(value) for value in given
    ):
        return "a fixed port may be taken: use port 0 and read the one you got"
    if name.endswith(("run_line_magic", "run_cell_magic")) and first in _MAGICS:
        return f"no `%{first}` (nor `?`): use `show(...)` or an import"
    if name.endswith((".system", ".getoutput")) and re.match(r"\s*(pip|conda) ", first):
        return "no `!pip`: what a notebook needs stands in pyproject.toml"
    return None


def _constants(node: ast.AST) -> list[Any]:
    """Return the constants of an argument; those of a tuple too, as of `bind`'s."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return [part.value for part in parts if isinstance(part, ast.Constant)]


def _is_port(value: Any) -> bool:
    return type(value) is int and 1024 <= value <= 65535


def _fixed_port(text: str) -> bool:
    address = r"\b(127\.0\.0\.1|localhost):[1-9]\d+"
    return "\n" not in text and bool(re.search(address, text))


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _outside_functions(child)


def _has_semicolon(source: str) -> bool:
    code = TransformerManager().transform_cell(source)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (SyntaxError, tokenize.TokenError):
        return False  # has_no_forbidden_code says so
    return any(token.type == tokenize.OP and token.string == ";" for token in tokens)
