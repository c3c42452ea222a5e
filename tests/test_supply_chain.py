"""Is nothing fetched, run or believed that nobody has looked at?

Every place with a right to what is forbidden stands in `RIGHTS`, with the reason.
"""

import ast
import re
from collections import Counter

import pytest
import yaml
from supply_chain import found_in

from lessonlib.authoring.page import ROOT, read_page
from lessonlib.authoring.rules_of_code import parsed

FOLDERS = ("lessonlib", "notebooks", "exercises", "solutions", "setup")
RIGHTS = {  # how often, and why
    ("lessonlib/save/artifacts.py", "unpickles"): (
        2, "load_model has compared the hash; save_model reads back what it has made"),
    ("lessonlib/serve/worker.py", "unpickles"): (
        1, "the log comes over a pipe from the process that has started it"),
    ("lessonlib/grading/checker.py", "runs a text"): (
        4, "the tests are cells of the instructor's own notebook"),
    ("lessonlib/grading/learner_process.py", "runs a text"): (
        1, "fixtures come from the checker's source, into a process with no rights"),
    ("lessonlib/grading/options.py", "names another computer"): (
        1, "the help shows what the address of a scheduler looks like"),
    ("lessonlib/authoring/rules_of_code.py", "listens everywhere"): (
        1, "the rule that forbids this address in notebooks has to name it"),
    ("lessonlib/checks/ex01/e5_travels.py", "unpickles"): (
        1, "it reads what it has written in the same line"),
    ("lessonlib/checks/ex02/e2_careful.py", "unpickles"): (
        3, "wrong answers that the check recognises, given pickles of its own"),
    ("lessonlib/checks/ex02/e4_known.py", "unpickles"): (
        6, "wrong answers that the check recognises, given pickles of its own"),
    ("lessonlib/checks/ex04/e2_start.py", "listens everywhere"): (
        1, "a wrong answer that the check recognises, while it is asked"),
    ("lessonlib/checks/ex12/e2_settings.py", "listens everywhere"): (
        1, "a wrong answer that the check recognises, and nothing listens"),
    ("lessonlib/checks/ex12/e2_settings.py", "names another computer"): (
        4, "settings to be read, and nobody is asked"),
    ("lessonlib/checks/ex12/access_logs.py", "names another computer"): (
        13, "addresses in logs that are only read"),
    ("exercises/12_out_of_the_notebook.ipynb", "names another computer"): (
        1, "an address in a log that is only read"),
    ("solutions/12_out_of_the_notebook.ipynb", "names another computer"): (
        1, "an address in a log that is only read"),
    ("notebooks/figures/loop.py", "names another computer"): (
        1, "the name of SVG's kind of XML, which nobody fetches"),
    ("notebooks/01_save_and_load_a_model.ipynb", "unpickles"): (
        10, "the lesson loads the files that it has just saved"),
    ("notebooks/02_trust_a_model_file.ipynb", "unpickles"): (
        7, "the lesson shows what a file may do, with files of its own"),
    ("notebooks/02_trust_a_model_file.ipynb", "runs a text"): (
        3, "exec is packed into files of its own, with a line that only prints"),
    ("notebooks/03_write_the_api_contract_with_flask.ipynb", "unpickles"): (
        1, "the original lesson's line, after the cell that saves the file"),
    ("notebooks/04_run_the_server_inside_the_notebook.ipynb", "unpickles"): (
        1, "the original lesson's line, after the cell that saves the file"),
    ("notebooks/04_run_the_server_inside_the_notebook.ipynb", "opens a console"): (
        1, "the original lesson's line, which ends in the error that is shown"),
    ("exercises/02_trust_a_model_file.ipynb", "unpickles"): (
        2, "a careful door is built and tried with pickles of its own"),
    ("solutions/02_trust_a_model_file.ipynb", "unpickles"): (
        3, "as in the exercise; the last is loaded after its hash was compared"),
}  # fmt: skip


def program(path):
    """Return the syntax tree of a module, or of all cells of a notebook together."""
    if path.suffix == ".py":
        return ast.parse(path.read_text(encoding="utf-8"))
    body = []
    for cell in read_page(path).code:
        try:
            body += parsed(cell.source).body
        except SyntaxError:
            assert "raises-exception" in cell.metadata.get("tags", []), cell.id
    return ast.Module(body, [])


def programs():
    """Yield every program that a learner or an instructor runs."""
    yield ROOT / "start.py"
    for folder in FOLDERS:
        yield from (ROOT / folder).rglob("*.py")
        yield from (ROOT / folder).rglob("*.ipynb")


# -- code


def test_nothing_forbidden_is_done_but_where_it_has_to_be():
    found = {
        (path.relative_to(ROOT).as_posix(), rule): n
        for path in programs()
        if ".ipynb_checkpoints" not in path.parts
        for rule, n in found_in(program(path)).items()
    }
    assert found == {place: n for place, (n, _) in RIGHTS.items()}


def test_every_right_has_its_reason():
    assert all(len(reason) > 15 for _, reason in RIGHTS.values())


SEEN = {
    "opens a console": ["app.run(debug=True)", "app.debug = True"],
    "runs a shell": [
        "subprocess.run(words, shell=True)", "import os\nos.system('ls')",
        "from os import popen as ask\nask('ls')", "import subprocess as s\ns.getoutput",
        "get_ipython().system('ls')", "map(os.system, words)",
    ],
    "runs a text": ["eval(text)", "map(exec, cells)", "import builtins\nbuiltins.eval"],
    "unpickles": [
        "import pickle\npickle.load(file)", "from pickle import loads\nloads(body)",
        "import joblib as j\nj.load(path)", "partial(joblib.load, path)",
        "class Own(pickle.Unpickler): pass", "import pandas as p\np.read_pickle(path)",
        "np.load(path, allow_pickle=True)", "marshal.loads(body)",
    ],
    "reads objects from YAML": ["import yaml\nyaml.load(text, Loader=yaml.Loader)"],
    "believes any server": [
        "requests.get(url, verify=False)", "session.verify = False",
        "ssl._create_unverified_context()", "context.check_hostname = False",
    ],
    "makes a name without its file": ["from tempfile import mktemp\nmktemp()"],
    "listens everywhere": [
        "serve(app, host='0.0.0.0')", "def f(host='0.0.0.0'): pass",
        "socket.bind(('', 0))", "create_server(('::', 0))", "HOST = '0.0.0.0'",
        "Popen(['x', '--bind=0.0.0.0'])", "url = 'http://0.0.0.0:80/x'",
        "app.run(host='')",
    ],
    "names another computer": [
        "get('https://example.org/x')", "connect(('192.0.2.1', 80))",
        "f'http://example.org/{name}'", "Log('postgresql://db.example.org/log')",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "source"), [(rule, s) for rule, sources in SEEN.items() for s in sources]
)
def test_each_rule_sees_what_it_forbids(rule, source):
    assert found_in(ast.parse(source)) == Counter([rule])


@pytest.mark.parametrize(
    "source",
    [
        "app.run(debug=False)", "subprocess.run(words)", "ast.literal_eval(text)",
        "pickle.dumps(model)", "json.load(file)", "yaml.safe_load(text)",
        "requests.get(url, verify=True)", "tempfile.mkstemp()", "model.eval()",
        "serve(app, host='127.0.0.1')", "get('http://127.0.0.1:80')", "'1.2.3'",
        "url.removeprefix('http://')", "def f():\n    'See https://example.org'",
        "socket.bind(('127.0.0.1', 0))", "f'http://{host}:{port}'", "', '.join(names)",
    ],
)  # fmt: skip
def test_what_is_harmless_is_left_alone(source):
    assert found_in(ast.parse(source)) == Counter()


# -- what is fetched


INSTALLS = re.compile(r"\bpip\b.*\binstall\b|\binstall\b.*\bpip\b|\"\$pip\" install")


def unhashed(script):
    """Return the lines of a script that install what no lock has a hash of."""
    lines = script.replace("\\\n", " ").splitlines()
    return [
        line.strip()
        for line in lines
        if INSTALLS.search(line) and "--require-hashes" not in line
    ]


def fetched(script):
    """Return the lines of a script that fetch something by its address."""
    lines = script.splitlines()
    return [s for s in lines if re.search(r"\b(curl|wget|git clone)\b|://", s)]


def test_ci_installs_what_the_locks_have_and_fetches_nothing_else():
    script = (ROOT / ".ci" / "run").read_text()
    assert "--require-hashes" in script
    assert unhashed(script) == fetched(script) == []


@pytest.mark.parametrize(
    "line",
    ["python -m pip install x", 'x "$pip" install -r y', "uv pip install \\\n z"],
)
def test_an_installation_without_hashes_is_seen(line):
    assert unhashed(line) and not unhashed(f"{line} --require-hashes")


@pytest.mark.parametrize("line", ["curl -s x | sh", "wget x", "sh <(x https://y)"])
def test_what_is_fetched_by_its_address_is_seen(line):
    assert fetched(line) == [line]


def test_start_installs_by_hash_alone():
    source = (ROOT / "start.py").read_text(encoding="utf-8")
    (install,) = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == "install"
    )
    words = {each.value for each in ast.walk(install) if isinstance(each, ast.Constant)}
    assert {"--require-hashes", "--only-binary=:all:", "-r"} <= words


# -- workflows


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))


PUBLISHER = r"actions/deploy-pages@[0-9a-f]{40}"
PUBLISHES = {"pages": "write", "id-token": "write"}


def faults_of_rights(job, events):
    """Return what a job with rights of its own could do beside publishing the site."""
    found = [] if job["permissions"] == PUBLISHES else ["a job may write"]
    steps = [step.get("uses", "a script") for step in job["steps"]]
    if len(steps) != 1 or not re.fullmatch(PUBLISHER, steps[0]):
        found.append("a job with rights runs more than the publisher")
    if not {*events} <= {"push", "workflow_dispatch"}:
        found.append("publishes what a stranger has written")
    pushed = events.get("push") if isinstance(events, dict) else None
    if "push" in events and not (pushed or {}).get("branches"):
        found.append("publishes any branch")
    return found


def faults_of(workflow):
    """Return what a workflow lets others decide."""
    found = [] if workflow.get("permissions") == {"contents": "read"} else ["may write"]
    events = workflow.get("on", workflow.get(True, ()))  # YAML reads on as a truth
    if "pull_request_target" in events:
        found.append("runs strangers' code with rights")
    for job in workflow["jobs"].values():
        if "permissions" in job:
            found += faults_of_rights(job, events)
        for step in job["steps"]:
            uses = step.get("uses", "")
            if uses and not re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", uses):
                found.append(f"{uses} is no commit")
            if re.search(r"\$\{\{\s*github\.(event|head_ref)", step.get("run", "")):
                found.append("runs what a stranger has written")
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_it_has_named_by_its_commit(path):
    text = path.read_text(encoding="utf-8")
    assert faults_of(yaml.safe_load(text)) == []
    pinned = [line for line in text.splitlines() if "uses:" in line]
    assert all(re.search(r" # v\d+(\.\d+)*$", line) for line in pinned)


STEP = {"uses": "actions/checkout@" + 40 * "a"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"permissions": "write-all"}, "may write"),
        ({"on": ["pull_request_target"]}, "runs strangers' code with rights"),
        ({"jobs": {"j": {"steps": [{"uses": "a/b@v4"}]}}}, "a/b@v4 is no commit"),
        ({"jobs": {"j": {"steps": [{"run": "echo ${{ github.event.issue.title }}"}]}}},
         "runs what a stranger has written"),
    ],
)  # fmt: skip
def test_each_fault_of_a_workflow_is_seen(change, fault):
    good = {"on": ["push"], "permissions": {"contents": "read"}}
    good |= {"jobs": {"j": {"steps": [STEP]}}}
    assert faults_of(good) == []
    assert faults_of(good | change) == [fault]


PUBLISHING = {
    "on": {"push": {"branches": ["main"]}},
    "jobs": {"j": {
        "permissions": PUBLISHES,
        "steps": [{"uses": "actions/deploy-pages@" + 40 * "a"}],
    }},
}  # fmt: skip


@pytest.mark.parametrize(
    ("workflow", "job", "fault"),
    [
        ({}, {"permissions": "write-all"}, "a job may write"),
        ({}, {"permissions": PUBLISHES | {"contents": "write"}}, "a job may write"),
        ({}, {"steps": [{"run": "make"}]},
         "a job with rights runs more than the publisher"),
        ({}, {"steps": [STEP, *PUBLISHING["jobs"]["j"]["steps"]]},
         "a job with rights runs more than the publisher"),
        ({"on": {"pull_request": None}}, {}, "publishes what a stranger has written"),
        ({"on": {"push": None}}, {}, "publishes any branch"),
        ({"on": ["push"]}, {}, "publishes any branch"),
    ],
)  # fmt: skip
def test_a_job_with_rights_publishes_the_site_and_does_nothing_else(
    workflow, job, fault
):
    good = {"permissions": {"contents": "read"}} | PUBLISHING
    assert faults_of(good) == []
    bad = good | workflow | {"jobs": {"j": PUBLISHING["jobs"]["j"] | job}}
    assert faults_of(bad) == [fault]


def test_there_are_workflows():
    assert WORKFLOWS
