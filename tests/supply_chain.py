"""Which places of a program open a door, run a text, or trust what they are given?

A program is read, never run: each rule names what it finds in a syntax tree.
"""

import ast
import re
from collections import Counter

UNPICKLES = {
    "pickle.load", "pickle.loads", "pickle.Unpickler", "joblib.load", "dill.load",
    "dill.loads", "cloudpickle.load", "cloudpickle.loads", "marshal.load",
    "marshal.loads", "shelve.open", "pandas.read_pickle", "torch.load",
}  # fmt: skip
SHELLS = {
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell", "get_ipython().system",
    "get_ipython().getoutput",
}  # fmt: skip
NAMES = {
    "runs a text": {"eval", "exec", "builtins.eval", "builtins.exec"},
    "runs a shell": SHELLS,
    "unpickles": UNPICKLES,
    "reads objects from YAML": {
        "yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load",
    },
    "makes a name without its file": {"tempfile.mktemp"},
    "believes any server": {"ssl._create_unverified_context", "ssl.CERT_NONE"},
}  # fmt: skip
OPTIONS = {  # by name and value
    ("debug", True): "opens a console",
    ("shell", True): "runs a shell",
    ("allow_pickle", True): "unpickles",
    ("verify", False): "believes any server",
    ("check_hostname", False): "believes any server",
}
BINDS = ("bind", "create_server", "serve", "make_server", "run", "run_simple")
EVERYWHERE = re.compile(r"(\w+://)?(0\.0\.0\.0|\[::\])(:\d+)?(/.*)?|--?\w+=0\.0\.0\.0")
ADDRESS = re.compile(r"\b(?:https?|wss?|ftp|tcp|redis|postgres(?:ql)?)://([\w.-]+)")
NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|0\.0\.0\.0")


def found_in(tree):
    """Return how often each rule finds something in a tree."""
    modules, texts = _imported(tree), _docstrings(tree)
    found = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            found.update(_of_name(_full_name(node, modules)))
        elif isinstance(node, ast.keyword | ast.Assign):
            found.update(_of_option(node))
        elif isinstance(node, ast.Call):
            found.update(_of_bind(node))
        elif isinstance(node, ast.Constant) and node not in texts:
            found.update(_of_text(node.value))
    return found


def _imported(tree):
    """Return what each imported name stands for, in full."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                names[each.asname or each.name] = each.name
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                names[each.asname or each.name] = f"{node.module}.{each.name}"
    return names


def _docstrings(tree):
    """Return the texts that stand alone: nothing is done with them."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {value for value in alone if isinstance(value, ast.Constant)}


def _full_name(node, modules):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        parts.append(f"{node.func.id}()")
    elif isinstance(node, ast.Name):
        parts.append(modules.get(node.id, node.id))
    return ".".join(reversed(parts))


def _of_name(name):
    return [rule for rule, names in NAMES.items() if name in names]


def _of_option(node):
    """Yield for an option of a call, or for an attribute that is set to its value."""
    value = node.value.value if isinstance(node.value, ast.Constant) else None
    if isinstance(node, ast.keyword):
        names = [node.arg]
    else:
        names = [each.attr for each in node.targets if isinstance(each, ast.Attribute)]
    for name in names:
        if isinstance(value, bool) and (name, value) in OPTIONS:
            yield OPTIONS[name, value]


def _of_bind(node):
    """Yield for a server at ("", port): Python takes that for every address."""
    called = ast.unparse(node.func).rpartition(".")[2]
    parts = [part for each in node.args for part in getattr(each, "elts", [each])[:1]]
    hosts = [each.value for each in node.keywords if each.arg == "host"]
    for part in parts + hosts if called in BINDS else ():
        if isinstance(part, ast.Constant) and part.value in ("", "::"):
            yield "listens everywhere"


def _of_text(text):
    if not isinstance(text, str):
        return
    if EVERYWHERE.fullmatch(text):
        yield "listens everywhere"
    hosts = [*ADDRESS.findall(text), *([text] if NUMBERS.fullmatch(text) else [])]
    yield from ("names another computer" for h in hosts if not LOOPBACK.fullmatch(h))
