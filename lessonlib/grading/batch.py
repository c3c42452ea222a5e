"""A class of submissions, on all cores: one result after the other.

Each result is written down as it comes. So a batch that is cut off, by Ctrl-C or by a
computer that goes down, is continued where it was.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from lessonlib.errors import LessonError
from lessonlib.grading.intake import Submission
from lessonlib.grading.merge import Source
from lessonlib.grading.result import Limits, blank_result, key_of
from lessonlib.grading.scratch import scratch_folder
from lessonlib.grading.tasks import Job, begin_below, close_graders, grade_one

MOST_BREAKS = 3  # of workers, one after the other, without a result in between


def grade(
    submissions: Iterable[Submission],
    sources: Mapping[str, Source],
    *,
    jobs: int = 1,
    limits: Limits | None = None,
    done: frozenset[tuple[str, str]] = frozenset(),
    backend: str = "loky",
    scheduler: str = "",
) -> Iterator[dict[str, Any]]:
    """Yield a result for each submission, in the order in which they are ready.

    `sources` are by assignment. What is in `done`, by student and key, is left out.
    `backend` is "loky", this computer's cores, or "dask", the workers of `scheduler`.
    Raises LessonError if workers break again and again.
    """
    limits = limits or Limits()
    strange: list[Submission] = []

    def to_do() -> Iterator[Job]:
        for submission in submissions:
            source = sources.get(submission.assignment)
            if source is None:
                strange.append(submission)
                continue
            key = key_of(source, submission.content, limits)
            if (submission.student, key) not in done:
                yield source, submission

    if backend == "dask":
        from lessonlib.grading.cluster import on_cluster

        yield from on_cluster(to_do(), limits, jobs=jobs, scheduler=scheduler)
    else:
        yield from _on_cores(to_do(), limits, jobs)
    known = ", ".join(sorted(sources))
    for submission in strange:
        result = blank_result(submission, submission.assignment)
        problem = f"it is none of the notebooks that are graded here: {known}"
        yield result | {"problem": submission.problem or problem}


def _on_cores(
    to_do: Iterator[Job], limits: Limits, jobs: int
) -> Iterator[dict[str, Any]]:
    """Grade on this computer's cores. A worker that is killed loses nothing."""
    with _folder(jobs) as folder:
        waiting, breaks = list(islice(to_do, 4 * jobs)), 0
        flying: dict[tuple[str, str], Job] = {}

        def next_jobs() -> Iterator[Job]:
            while waiting:
                yield waiting.pop(0)
            yield from to_do

        def tasks() -> Iterator[Any]:
            for source, submission in next_jobs():
                flying[source.name, submission.student] = source, submission
                task = source, submission, limits, folder
                yield delayed(grade_one)(*task)

        while waiting or breaks or flying:
            pool = Parallel(
                n_jobs=jobs, batch_size=1, pre_dispatch="2*n_jobs",
                return_as="generator_unordered",
                max_nbytes=None, initializer=begin_below, initargs=(os.getpid(),),
            )  # fmt: skip
            try:
                for result in pool(tasks()):
                    flying.pop((result["assignment"], result["student"]), None)
                    breaks = 0
                    yield result
            except TerminatedWorkerError:
                breaks += 1
                if breaks > MOST_BREAKS:
                    raise LessonError(
                        "the workers of this computer end before they have a result: "
                        "is it out of memory? Try --jobs 1, then --resume"
                    ) from None
            else:
                break
            waiting = [*flying.values(), *waiting]
            flying.clear()


@contextlib.contextmanager
def _folder(jobs: int) -> Iterator[str]:
    """Give a folder for all work; in the end, end all workers, and delete it."""
    with scratch_folder() as folder:
        try:
            yield folder
        finally:
            close_graders()
            if jobs > 1:
                get_reusable_executor().shutdown(wait=True, kill_workers=True)
