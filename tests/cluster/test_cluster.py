"""Does a Dask cluster give the grades that this computer's cores give?"""

import json
import os
import signal

import pytest
from dask.distributed import Client, LocalCluster

from lessonlib.authoring.page import ROOT
from lessonlib.errors import LessonError
from lessonlib.grading.__main__ import main
from lessonlib.grading.batch import grade
from lessonlib.grading.intake import find_submissions
from lessonlib.grading.merge import read_source

NAME = "05_measure_response_time_honestly"


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A folder of a class of twelve: solved, half solved, and untouched."""
    folder = tmp_path_factory.mktemp("class")
    solved = (ROOT / "solutions" / f"{NAME}.ipynb").read_text(encoding="utf-8")
    blank = (ROOT / "exercises" / f"{NAME}.ipynb").read_text(encoding="utf-8")
    half = json.loads(solved)
    half["cells"] = half["cells"][: len(half["cells"]) // 2]
    for number in range(12):
        (folder / f"s{number:02}").mkdir()
        content = (solved, json.dumps(half), blank)[number % 3]
        (folder / f"s{number:02}" / f"{NAME}.ipynb").write_text(content)
    return folder


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster


def graded(handed_in, out, *options):
    command = ["grade", str(handed_in), "--out", str(out), "--jobs", "2", *options]
    assert main(command) == 0
    return (out / "grades.csv").read_bytes()


def test_the_same_class_has_the_same_grades(handed_in, cluster, tmp_path):
    address = ("--backend", "dask", "--scheduler", cluster.scheduler_address)
    here = graded(handed_in, tmp_path / "loky")
    there = graded(handed_in, tmp_path / "dask", *address)
    own = graded(handed_in, tmp_path / "own", "--backend", "dask")
    assert here == there == own
    assert here.count(b",22,0,22,22,graded\n") == 4


def test_a_worker_that_is_killed_loses_nothing(handed_in, cluster):
    sources = {NAME: read_source(ROOT / "solutions" / f"{NAME}.ipynb")}
    killed, scores = 0, {}
    for result in grade(
        find_submissions([handed_in], [NAME]), sources, jobs=2,
        backend="dask", scheduler=cluster.scheduler_address,
    ):  # fmt: skip
        if not killed:
            worker = next(iter(cluster.workers.values()))
            killed = worker.process.pid
            os.kill(killed, signal.SIGKILL)
        scores[result["student"]] = result["raw_score"]
    assert killed
    assert len(scores) == 12
    assert sorted(scores.values())[-4:] == [22] * 4


def test_workers_of_several_threads_are_refused(handed_in):
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0"
        ) as cluster,
        pytest.raises(LessonError, match="--nthreads 1"),
    ):
        list(
            grade(
                find_submissions([handed_in], [NAME]),
                {NAME: read_source(ROOT / "solutions" / f"{NAME}.ipynb")},
                backend="dask",
                scheduler=cluster.scheduler_address,
            )
        )


def test_a_scheduler_that_is_not_there_is_said(
    handed_in, tmp_path, capsys, monkeypatch
):
    def impatient(address, timeout):
        return Client(address, timeout="1s")

    monkeypatch.setattr("dask.distributed.Client", impatient)
    command = ["grade", str(handed_in), "--out", str(tmp_path / "none")]
    command += ["--backend", "dask", "--scheduler", "tcp://127.0.0.1:9"]
    assert main(command) == 2
    assert "does not answer" in capsys.readouterr().err
