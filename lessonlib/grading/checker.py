"""The trusted half of a grading: runs the source's own test cells against the learner.

One process a submission. It knows the hidden tests; the learner's process does not, and
gets none of this process' memory, files or frames.
"""

import ast
import builtins
import contextlib
import io
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lessonlib.checks.report import (
    DONE,
    NOT_ATTEMPTED,
    NOT_IN_GENERAL,
    NOT_YET,
    Report,
)
from lessonlib.grading.channel import Channel
from lessonlib.grading.proxies import KeeperClient, LearnerClient, LearnerGone

Step = Mapping[str, Any]  # a cell of the plan
MOST_REPLAYS = 3
QUESTION_LIMITS = 3  # a question may take so many times the limit of a cell
_STATUS = {DONE: "passed", NOT_YET: "failed", NOT_ATTEMPTED: "not attempted"}


class CellRunner:
    """Runs the cells of a submission step by step, question by question."""

    def __init__(
        self,
        plan: dict[str, Any],
        keeper: KeeperClient,
        send: Callable[[dict[str, Any]], None],
    ):
        self._steps, self._limit_s = plan["steps"], plan["cell_timeout_s"]
        self._keeper, self._send = keeper, send
        self._imports = _imports(self._steps)
        self._replays = 0
        self._skipped: set[str] = set()  # cells that ended a process
        self._cell_errors: dict[str, list[str]] = {}
        self._results: dict[str, dict[str, Any]] = {}  # by question
        self._learner: LearnerClient | None = None
        self._started = False

    def run(self) -> None:
        """Run all steps, and send each question's result as soon as it is decided.

        Hidden tests are asked last, of a process that starts anew. After them no word
        of the learner's is sent, so nothing can say what they called.
        """
        self._run_all(self._steps, self._question)
        asked = [at for at, step in enumerate(self._steps) if self._is_due(step)]
        if asked:
            self._learner, self._replays = None, 0
            self._run_all(self._steps[: asked[-1] + 1], self._unseen)

    def _is_due(self, step: Step) -> bool:
        """Say if a step has a hidden test, and an answer that passed the others."""
        return bool(step.get("hidden")) and (
            self._results[step["id"]]["status"] == "passed"
        )

    def _run_all(self, steps: Sequence[Step], ask: Callable[[int, Step], None]) -> None:
        for at, step in enumerate(steps):
            if step["kind"] == "test":
                ask(at, step)
            elif (learner := self._ready(at)) and step["id"] not in self._skipped:
                self._run(step, learner)

    def _ready(self, at: int) -> LearnerClient | None:
        """Return a process in which all cells before `at` have run, or None."""
        if self._learner is None and self._replays <= MOST_REPLAYS:
            self._replays += self._started
            self._started = True
            self._learner = LearnerClient(self._keeper, limit_s=self._limit_s)
            for step in self._steps[:at]:
                if self._learner is None:
                    return self._ready(at)
                if step["kind"] != "test" and step["id"] not in self._skipped:
                    self._run(step, self._learner)
        return self._learner

    def _run(self, step: Step, learner: LearnerClient) -> None:
        # the source may give a cell of its own more time, as to a whole week of mail
        limit_s = max(self._limit_s, step.get("timeout_s", 0))
        learner.limit_s = limit_s
        try:
            error = learner.ask("run", source=step["source"])
        except TimeoutError:
            error = ["TimeoutError", f"the cell took longer than {limit_s:g} s"]
        except LearnerGone as gone:
            self._learner = None
            self._skipped.add(step["id"])
            error = [gone.status, gone.why]
        except Exception as failure:
            error = [type(failure).__name__, str(failure)]
        if error and not step["trusted"]:
            if not (type(error) is list and len(error) == 2):
                error = ["Exception", "the cell failed"]
            first = step["id"] not in self._cell_errors
            self._cell_errors[step["id"]] = [str(part)[:300] for part in error]
            if first and error[0] in ("timeout", "crashed", "TimeoutError"):
                self._send({"note": f"the cell {step['id']} was stopped: {error[1]}"})

    # -- questions

    def _question(self, at: int, step: Step) -> None:
        began = time.monotonic()
        result = {
            "id": step["id"], "title": step["title"], "points": 0,
            "out_of": step["points"], "status": "not reached", "lines": [],
            "message": "", "hint": "", "mistake": "",
        }  # fmt: skip
        if learner := self._ready(at):
            result |= self._score(step, learner)
            result |= self._after_cell_error(at, result)
        else:
            result["message"] = "the cells before it ended the process too often"
        result["seconds"] = round(time.monotonic() - began, 3)
        self._results[step["id"]] = result
        self._send({"question": result})

    def _unseen(self, at: int, step: Step) -> None:
        """Ask a hidden test. Whether it held is all that is sent."""
        if not self._is_due(step):
            return
        result, hidden = self._results[step["id"]], 0.0
        if learner := self._ready(at):
            score = self._score({**step, "source": step["hidden"]}, learner)
            hidden = score.get("points", 0)
        points = min(result["points"], hidden)
        if points < result["points"]:
            lost = {"points": points, "status": "partly" if points else "failed"}
            self._send({"question": result | lost | {"message": NOT_IN_GENERAL}})

    def _score(self, step: Step, learner: LearnerClient) -> dict[str, Any]:
        """Run a test cell; its last value is the score, as in nbgrader."""
        names = _Names(learner, self._imports)
        learner.limit_s = self._limit_s
        learner.until = time.monotonic() + QUESTION_LIMITS * self._limit_s
        shown: list[Report] = []
        Report.kept = shown
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                value = _value_of(step["source"], names)
        except LearnerGone as gone:
            self._learner = None
            return {"status": gone.status, "message": gone.why}
        except Exception as error:
            return _failed(error)
        finally:
            Report.kept = None
            learner.until = None
        return _judged(value, step["points"], shown[-1] if shown else None)

    def _after_cell_error(self, at: int, result: Step) -> dict[str, str]:
        """Say that the cell above failed, where that is why there is no answer."""
        own = [step["id"] for step in self._steps[:at] if not step["trusted"]][-1:]
        error = self._cell_errors.get(own[0]) if own else None
        if not error or result["status"] not in ("error", "not attempted", "failed"):
            return {}
        kinds = {"MemoryError": "memory", "TimeoutError": "timeout"}
        kinds |= {kind: kind for kind in ("timeout", "crashed")}
        status: str = kinds.get(error[0]) or result["status"]
        message = f"your cell {own[0]} ended with {error[0]}: {error[1]}"
        if result["status"] == "error" or not result["message"]:
            return {"status": status, "message": message}
        return {"status": status}


class _Names(dict):
    """Names of a test cell: the lesson's imports, and else what the learner has."""

    def __init__(self, learner: LearnerClient, imports: Mapping[str, Any]):
        super().__init__(imports)
        self._learner = learner

    def __missing__(self, name: str) -> Any:
        if name in vars(builtins):
            raise KeyError(name)
        try:
            return self._learner.ask("get", name=name)
        except KeyError:
            raise NameError(f"name {name!r} is not defined") from None


def _imports(steps: Sequence[Step]) -> dict[str, Any]:
    """Return what the imports of trusted cells give, without the rest of the cells."""
    names: dict[str, Any] = {}
    for step in steps:
        if step["trusted"] and step["kind"] != "test":
            with contextlib.suppress(SyntaxError):  # a magic: nothing for a checker
                tree = ast.parse(step["source"])
                kinds = ast.Import | ast.ImportFrom
                tree.body = [node for node in tree.body if isinstance(node, kinds)]
                exec(compile(tree, step["id"], "exec"), names)
    return names


def _value_of(source: str, names: dict[str, Any]) -> Any:
    """Run a cell and return the value of its last expression, or None."""
    body = ast.parse(source).body
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module(body, []), "test", "exec"), names)
        return None
    exec(compile(ast.Module(body[:-1], []), "test", "exec"), names)
    return eval(compile(ast.Expression(last.value), "test", "eval"), names)


def _judged(value: Any, out_of: float, report: Report | None) -> dict[str, Any]:
    points = value if type(value) in (int, float) and 0 <= value <= out_of else out_of
    status = "passed" if points == out_of else "failed"
    if report is None:
        return {"points": points, "status": status}
    status = _STATUS[report.outcome]
    if status == "failed" and 0 < points:
        status = "partly"
    if "TimeoutError" in report.message and not points:
        status = "timeout"
    if "MemoryError" in report.message and not points:
        status = "memory"
    return {
        "points": points, "status": status,
        "lines": list(report.lines), "message": report.message[:2000],
        "hint": report.hint, "mistake": report.mistake,
    }  # fmt: skip


def _failed(error: Exception) -> dict[str, str]:
    message = f"{type(error).__name__}: {error}"[:2000]
    return {"status": "failed" if isinstance(error, AssertionError) else "error",
            "message": message}  # fmt: skip


def check_submission(job: Channel, keeper: KeeperClient) -> None:
    """Receive a plan, run it, and send each question's result as it is decided."""
    CellRunner(job.receive(), keeper, job.send).run()
    job.send({"done": True})
