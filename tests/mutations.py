"""Would the suite notice? Break one thing at a time in a copy, and expect red.

    python tests/mutations.py [--only NAME] [--list]

Each mutation runs the tests that ought to see it. Prints caught or missed for each, and
fails if one is missed, or if those tests are not green before anything is broken.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_BEHIND = (".*", "my-work", "build", "__pycache__", "*.egg-info", "browser")
STATIC = ("tests/test_notebooks.py", "-k", "keeps_the_rule")


@dataclass(frozen=True)
class Mutation:
    """One thing that breaks: a text that stands in `file` once becomes another."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def spoil(self, text: str) -> str:
        """Return the broken text. Raises ValueError unless `old` stands there once."""
        if text.count(self.old) != 1:
            seen = f"{self.old!r} stands {text.count(self.old)} times in {self.file}"
            raise ValueError(f"{self.name}: {seen}, not once")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Spoiled:
    """One thing that breaks in a notebook; `change` gets its code cells."""

    name: str
    file: str
    change: Callable[[list[dict]], object]
    tests: tuple[str, ...] = STATIC

    def spoil(self, text: str) -> str:
        """Return the notebook with its code cells changed."""
        nb = json.loads(text)
        self.change(nb["cells"])
        return json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def code_cells(cells):
    return [cell for cell in cells if cell["cell_type"] == "code"]


def ignored(cells):
    tagged = [
        c for c in cells if "nbval-ignore-output" in c["metadata"].get("tags", [])
    ]
    return tagged[0]


def strip_outputs(cells):
    for cell in code_cells(cells):
        cell.update(outputs=[], execution_count=None)


def add_a_cell(cells):
    new = {"cell_type": "code", "id": "00-99", "metadata": {}, "source": ["1 / 0"]}
    cells.append(new | {"outputs": [], "execution_count": None})


def add_a_semicolon(cells):
    ignored(cells)["source"][-1] += ";"


def misspell_a_tag(cells):
    ignored(cells)["metadata"]["tags"] = ["nbval-ignore-ouptut"]


def ignore_every_cell(cells):
    for cell in code_cells(cells):
        cell["metadata"]["tags"] = ["nbval-ignore-output"]


def run(folder, tests):
    """Return pytest's exit code and its last line, run in the copy with its library."""
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    # With nobody's settings there is no PYTHONPATH, and the copy's library is not seen.
    command += ["--long", "-p", "no:lessonlib.authoring.nobodys_settings"]
    done = subprocess.run(
        [*command, *tests], cwd=folder, env=env, capture_output=True, text=True
    )
    lines = done.stdout.strip().splitlines() or done.stderr.strip().splitlines()
    return done.returncode, lines[-1] if lines else "no output"


def copy_to(folder):
    ignore = shutil.ignore_patterns(*LEFT_BEHIND)
    return Path(shutil.copytree(ROOT, Path(folder) / "copy", ignore=ignore))


def trial(mutation):
    """Return whether the tests turn red, and pytest's last line."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_to(folder)
        path = copy / mutation.file
        text = mutation.spoil(path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8", newline="\n")
        code, line = run(copy, mutation.tests)
        # 1: tests failed; 2: not even collected. The others are faults of the command.
        return code in (1, 2), line


def unbroken(mutations):
    """Return whether what the mutations run is green as it is."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_to(folder)
        for tests in dict.fromkeys(mutation.tests for mutation in mutations):
            code, line = run(copy, tests)
            print(f"{'green' if code == 0 else 'RED':8}{' '.join(tests)}: {line}")
            if code:
                return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", metavar="NAME", help="mutations with this in the name"
    )
    parser.add_argument("--list", action="store_true", help="name them, run nothing")
    options = parser.parse_args()
    chosen = [one for one in MUTATIONS if (options.only or "") in one.name]
    if options.list:
        print(*(f"{one.name}: {one.file}" for one in chosen), sep="\n")
        return 0
    if not chosen or not unbroken(chosen):
        return 1
    missed = 0
    for mutation in chosen:
        caught, line = trial(mutation)
        missed += not caught
        word = "caught" if caught else "MISSED"
        print(f"{word:8}{mutation.name} ({mutation.file}): {line}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return min(1, missed)


NB00 = "notebooks/00_deploy_a_model_in_ten_minutes.ipynb"
NB01 = "notebooks/01_save_and_load_a_model.ipynb"
NB03 = "notebooks/03_write_the_api_contract_with_flask.ipynb"
NB04 = "notebooks/04_run_the_server_inside_the_notebook.ipynb"
NB05 = "notebooks/05_measure_response_time_honestly.ipynb"
NB02 = "notebooks/02_trust_a_model_file.ipynb"
NB06 = "notebooks/06_serve_more_people.ipynb"
NB07 = "notebooks/07_watch_the_model_at_work.ipynb"
NB08 = "notebooks/08_notice_drift.ipynb"
NB09 = "notebooks/09_close_the_feedback_loop.ipynb"
NB10 = "notebooks/10_choose_between_two_models.ipynb"
NB11 = "notebooks/11_friday_at_northgate.ipynb"

# The first fourteen and the next five are those on which runners of notebooks were
# compared; nbval alone passes the five. A mutation names what ought to see it.
MUTATIONS = [
    Mutation(
        "labels as strings",
        "lessonlib/save/answers.py",
        "    array = np.asarray(predictions)\n",
        "    array = np.asarray(predictions).astype(str)\n",
        (NB00,),
    ),
    Mutation(
        "stop() does nothing",
        "lessonlib/serve/server.py",
        "            if not self._loop.is_alive():\n                return\n",
        "            return\n",
        (NB00,),
    ),
    Mutation(
        "import error in a helper",
        "lessonlib/mail.py",
        "import load_digits",
        "import load_digit",
        (NB00,),
    ),
    Mutation(
        "a new warning",
        "lessonlib/mail.py",
        "    X, y = load_digits(return_X_y=True)\n",
        "    X, y = load_digits(return_X_y=True)\n"
        '    __import__("warnings").warn("old mail", stacklevel=2)\n',
        (NB00,),
    ),
    Mutation("other C", NB00, "(max_iter=2000)", "(C=0.001, max_iter=2000)", (NB00,)),
    Mutation("other random_state", NB00, "seed=8", "seed=9", (NB00,)),
    Mutation("NameError", NB00, '"server.stop()', '"servr.stop()', (NB00,)),
    Mutation(
        "health text",
        "lessonlib/serve/contract.py",
        '"/health": {"status": "ok"}',
        '"/health": {"status": "fine"}',
        ("tests/serve/test_contract.py",),
    ),
    Mutation(
        "400 to 422",
        "lessonlib/serve/schema.py",
        'BadRequest(400, "not_json", f"the body',
        'BadRequest(422, "not_json", f"the body',
        (NB03,),
    ),
    Mutation(
        "seconds for ms",
        "lessonlib/measure/latency.py",
        "{1000 * time_s:.1f} ms",
        "{time_s:.1f} ms",
        ("tests/measure/test_latency.py",),
    ),
    Mutation(
        "plot title",
        "lessonlib/serve/plots.py",
        'question = "Which odd requests',
        'question = "Which requests',
        (NB03,),
    ),
    Mutation(
        "plot data",
        "lessonlib/serve/plots.py",
        "ax.bar(range(10), counts,",
        "ax.bar(range(10), 0 * counts,",
        ("tests/test_figures.py",),
    ),
    Mutation(
        "fewer rows",
        "lessonlib/mail.py",
        "return Bag(X[cut], y[cut])",
        "return Bag(X[cut][:5], y[cut][:5])",
        (NB00,),
    ),
    Mutation(
        "expected error not raised",
        NB03,
        "json.dumps(model.predict([card])[0])",
        "json.dumps(int(model.predict([card])[0]))",
        (NB03,),
    ),
    Spoiled("stripped outputs", NB00, strip_outputs),
    Spoiled("new cell never run", NB00, add_a_cell),
    Spoiled("trailing ;", NB00, add_a_semicolon),
    Spoiled("misspelt tag", NB00, misspell_a_tag),
    Spoiled("every cell ignored", NB00, ignore_every_cell),
    Mutation(
        "one number in percentile",
        "lessonlib/measure/latency.py",
        "ordered[rank - 1]",
        "ordered[rank - 2]",
        (NB05,),
    ),
    Mutation(
        "one coefficient's print", NB01, "{slope:.1f} x", "{slope:.2f} x", (NB01,)
    ),
    Mutation(
        "one status code",
        "lessonlib/serve/contract.py",
        '415: ("unsupported',
        '418: ("unsupported',
        (NB03,),
    ),
    Mutation(
        "one check's message",
        "lessonlib/checks/ex05/e2_rank.py",
        "this blends two neighbours",
        "this mixes two neighbours",
        ("tests/test_exercises.py", "-k", "list_of_mistakes"),
    ),
    Mutation(
        "a damaged model file is loaded",
        "lessonlib/save/artifacts.py",
        "found != manifest.sha256",
        "False",
        (NB01,),
    ),
    Mutation(
        "latency from sent, not due",
        "lessonlib/measure/loadtest.py",
        "return self.answered_s - self.due_s",
        "return self.answered_s - self.sent_s",
        (NB05,),
    ),
    Mutation(
        "the old server is not replaced",
        "lessonlib/serve/server.py",
        "_running[name].stop()",
        "_running[name]",
        (NB04,),
    ),
    Mutation(
        "a broken model is promoted",
        "lessonlib/save/registry.py",
        "        self.load(chosen)\n",
        "",
        (NB02,),
    ),
    Mutation(
        "trees are added in another order",
        "lessonlib/serve/packed_trees.py",
        "self.shares.take(at, axis=0)",
        "self.shares.take(at, axis=0)[::-1]",
        (NB06,),
    ),
    Mutation(
        "an interval at another level",
        "lessonlib/intervals.py",
        "z = float(norm.ppf((1 + level) / 2))",
        "z = float(norm.ppf(level))",
        (NB07,),
    ),
    Mutation(
        "a PSI without smoothing",
        "lessonlib/watch/drift.py",
        "minlength=len(edges) + 1) + 0.5",
        "minlength=len(edges) + 1) + 1e-9",
        (NB08,),
    ),
    Mutation(
        "weights turned round",
        "lessonlib/learn/audits.py",
        "weight = 1 / chance",
        "weight = chance",
        (NB09,),
    ),
    Mutation(
        "an assignment without salt",
        "lessonlib/choose/traffic.py",
        'f"{experiment}:{unit}"',
        'f"{unit}"',
        (NB10,),
    ),
    Mutation(
        "right and misread change places",
        "lessonlib/friday/week.py",
        "answered & (self.said != truth)",
        "answered & (self.said == truth)",
        (NB11,),
    ),
]

if __name__ == "__main__":
    sys.exit(main())
