"""A class of submissions on a Dask cluster, for a class that outgrows one computer.

The same function and the same grades as on this computer's cores. A worker that dies
loses nothing: Dask gives its submissions to another.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from lessonlib.errors import LessonError
from lessonlib.grading.result import Limits
from lessonlib.grading.tasks import Job, close_graders, grade_one


def on_cluster(
    to_do: Iterator[Job], limits: Limits, *, jobs: int, scheduler: str
) -> Iterator[dict[str, Any]]:
    """Yield the results of `to_do`, in the order in which they are ready.

    `scheduler` is an address, such as tcp://10.0.0.5:8786; if it is "", a cluster of
    `jobs` workers is started here. Raises LessonError if Dask is not installed, if it
    does not answer, if a worker has several threads, or if workers die again and again.
    """
    with _client(jobs, scheduler) as client:
        try:
            yield from _window(client, to_do, limits)
        finally:
            client.run(close_graders)


def _window(
    client: Any, to_do: Iterator[Job], limits: Limits
) -> Iterator[dict[str, Any]]:
    """Keep twice as many submissions under way as there are workers."""
    from dask.distributed import KilledWorker, as_completed

    def submit(job: Job) -> Any:
        # not pure: to grade again is to grade again
        return client.submit(grade_one, *job, limits, "", pure=False)

    cores = sum(client.nthreads().values())
    under_way = as_completed([submit(job) for job in islice(to_do, 2 * cores)])
    for future in under_way:
        try:
            result = future.result()
        except KilledWorker as error:
            raise LessonError(
                f"workers died again and again: {error}. Look at their logs; what is "
                "graded is kept, --resume goes on"
            ) from None
        for job in islice(to_do, 1):
            under_way.add(submit(job))
        yield result


def _client(jobs: int, scheduler: str) -> Any:
    try:
        from dask.distributed import Client
    except ImportError:
        raise LessonError(
            "--backend dask needs dask and distributed, which are not installed: "
            "solutions/README.md says how to add them"
        ) from None
    if not scheduler:
        return Client(
            n_workers=jobs, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        )
    try:
        client = Client(scheduler, timeout="20s")
    except (OSError, TimeoutError, ValueError) as error:
        raise LessonError(
            f"--scheduler {scheduler} does not answer: {error}. Start one with "
            "`dask scheduler`, and workers with `dask worker --nthreads 1 ADDRESS`"
        ) from None
    threads = client.nthreads()
    if not threads or set(threads.values()) != {1}:
        client.close()
        raise LessonError(
            f"{len(threads)} workers with {sorted(set(threads.values()))} threads: a "
            "grader needs workers of one. Start them with `dask worker --nthreads 1`"
        )
    return client
