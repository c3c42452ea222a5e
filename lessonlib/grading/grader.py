"""One submission at a time: a worker, its fork server, and what it found."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.cells import Unreadable
from lessonlib.grading.channel import Channel, Closed, Malformed
from lessonlib.grading.intake import Submission
from lessonlib.grading.isolation import choose_isolation, submission_environment
from lessonlib.grading.merge import Source, merge
from lessonlib.grading.readable import needed_folders, readable_paths
from lessonlib.grading.result import Limits, blank_result, key_of
from lessonlib.grading.scratch import scratch_folder

START_S = 120  # to import everything, on a busy computer
CLEAN_S = 30


class Grader:
    """Grades submissions, one after the other, in processes that it starts once."""

    def __init__(self, limits: Limits | None = None, folder: str = ""):
        self.limits = limits or Limits()
        self._isolation = choose_isolation(self.limits.isolation)
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None  # to that process
        self._scratch = contextlib.ExitStack()
        self._folder = self._scratch.enter_context(scratch_folder(folder))
        self._readable = readable_paths(self.limits.hidden)
        self._tickets = 0

    def __enter__(self) -> "Grader":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes and delete their folder. A later `grade` starts anew."""
        self._end()
        self._scratch.close()

    def grade(self, source: Source, submission: Submission) -> dict[str, Any]:
        """Return the result of a submission. Only the grader's own faults raise."""
        began = time.monotonic()
        result = blank_result(submission, source.name, source.max_score)
        try:
            if submission.problem or submission.content is None:
                raise Unreadable(submission.problem or "there is nothing in it")
            plan = merge(source, submission.content)
        except Unreadable as problem:
            result["problem"] = str(problem)
        else:
            result["key"] = key_of(source, submission.content, self.limits)
            result["notes"] += plan["notes"]
            result["manual"] = plan["manual"]
            result["questions"], fault = self._run_plan(source, plan, result["notes"])
            if fault:
                result["fault"] = fault
            result["limits"] = self._limits_used()
        result["raw_score"] = sum(q["points"] for q in result["questions"])
        result["seconds"] = round(time.monotonic() - began, 3)
        return result

    # -- the fork server

    def _run_plan(
        self, source: Source, plan: Mapping[str, Any], notes: list[str]
    ) -> tuple[list[dict[str, Any]], str]:
        """Return the result of each question, and the grader's own fault or ""."""
        tests = [step for step in plan["steps"] if step["kind"] == "test"]
        results: dict[str, dict[str, Any]] = {}
        most_s, fault = self._most_s(source), ""
        for _ in range(2):  # a fault of ours is tried once more
            job = self._send_plan(plan, source.imports)
            ended = self._collect(job, results, notes, most_s)
            if ended == "done" or ended == "late":
                break
        else:
            fault = f"the grader had to stop: {ended}"
        lost = {
            "points": 0, "status": "not reached", "lines": [], "hint": "",
            "message": fault or f"the submission took longer than {most_s:g} s in all",
            "mistake": "", "seconds": 0.0,
        }  # fmt: skip
        asked = [
            {"id": s["id"], "title": s["title"], "out_of": s["points"]} for s in tests
        ]
        return [results.get(q["id"]) or q | lost for q in asked], fault

    def _most_s(self, source: Source) -> float:
        """Return the seconds that a submission may take, however many cells it has."""
        given = (cell.get("timeout_s", 0) for cell in source.cells)
        return self.limits.total_s + sum(given)

    def _send_plan(self, plan: Mapping[str, Any], imports: list[str]) -> Channel:
        """Have a plan run, and return the channel on which its results come."""
        channel = self._start()
        ours, theirs = socket.socketpair()
        job = Channel(ours)
        self._tickets += 1
        try:
            socket.send_fds(channel.socket, [b"."], [theirs.fileno()])
            channel.send({"ticket": self._tickets, "imports": imports})
            job.send({**plan, "cell_timeout_s": self.limits.cell_timeout_s})
        except (OSError, Closed):
            pass  # `_collect` finds nobody there
        finally:
            theirs.close()
        return job

    def _collect(
        self,
        job: Channel,
        results: dict[str, dict[str, Any]],
        notes: list[str],
        most_s: float,
    ) -> str:
        """Take in results and notes until "done"; then wait for the cleaning."""
        until, ended = time.monotonic() + most_s, "its process ended"
        try:
            while True:
                message = job.receive(until)
                if "question" in message:
                    results[message["question"]["id"]] = message["question"]
                elif "note" in message:
                    if message["note"] not in notes:
                        notes.append(message["note"])
                else:
                    ended = "done" if "done" in message else message["fault"]
                    break
        except TimeoutError:
            self._end()
            return "late"
        except (Closed, Malformed):
            pass
        finally:
            job.socket.close()
        self._await_cleanup()
        return ended

    def _await_cleanup(self) -> None:
        """Wait until the fork server has cleaned up, or replace it."""
        assert self._channel is not None
        self._channel.socket.settimeout(CLEAN_S)
        try:
            while self._channel.receive().get("cleaned") != self._tickets:
                pass
        except (Closed, Malformed, OSError):
            self._end()

    def _start(self) -> Channel:
        """Return the channel to the fork server, which is started if none runs."""
        if self._channel and self._process and self._process.poll() is None:
            return self._channel
        self._end()
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "lessonlib.grading.forkserver"]
        self._process = subprocess.Popen(
            [
                *self._isolation.prefix(self._folder, self._readable),
                *command,
                str(theirs.fileno()),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=submission_environment(self._folder),
            cwd=self._folder,
            start_new_session=True,
        )
        theirs.close()
        self._channel = Channel(ours)
        ours.settimeout(START_S)
        self._channel.send(self._settings())
        try:
            alone = bool(self._channel.receive()["own_namespaces"])
            self._isolation = self._isolation.with_namespaces(
                alone, self.limits.isolation
            )
        except (Closed, TimeoutError) as error:
            self._end()
            raise LessonError(
                "the grader's fork server did not start: run the same command with "
                "--isolation off, and see whether that helps"
            ) from error
        return self._channel

    def _settings(self) -> dict[str, Any]:
        return {
            "worker": os.getpid(),
            "folder": self._folder,
            "readable": self._readable,
            "needed": needed_folders(),
            "memory_bytes": int(self.limits.memory_gb * 2**30),
            "cpu_s": int(60 + 200 * self.limits.cell_timeout_s),
            "own_namespaces": self.limits.isolation != "off",
            "landlock": self._isolation.landlock,
            "isolated": self.limits.isolation != "off",
        }

    def _end(self) -> None:
        if self._channel is not None:
            self._channel.socket.close()
            self._channel = None
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _limits_used(self) -> dict[str, Any]:
        return {
            "isolation": self._isolation.text,
            "cell_timeout_s": self.limits.cell_timeout_s,
            "total_s": self.limits.total_s,
            "memory_gb": self.limits.memory_gb,
        }
