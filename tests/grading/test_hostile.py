"""Does each hostile submission get what its honest part deserves, and nothing more?

All of them are graded once a sandbox, as one class, by the command; an honest one comes
last. The tests read what the command has written.
"""

import importlib
import json
import select
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from command import Command
from hostile import NAME, before

from lessonlib.authoring.page import ROOT

SOLVED = ROOT / "solutions" / f"{NAME}.ipynb"
FILES = sorted(
    path.stem for path in (Path(__file__).parent / "hostile").glob("[a-z]*.py")
)
HONEST, CALLER = "zz_honest", "calls_home"
CALL_HOME = """
import socket
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        with socket.socket(socket.AF_INET, kind) as out:
            out.settimeout(1)
            out.connect(("127.0.0.1", {port}))
            out.send(b"SECRET")
    except OSError:
        pass
"""


def solved():
    """Return the solved notebook, as a dictionary to spoil."""
    return json.loads(SOLVED.read_text(encoding="utf-8"))


def listeners():
    """Return a TCP and a UDP socket that listen at the same port."""
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(tcp.getsockname())
    return tcp, udp


@pytest.fixture(
    scope="module", params=["auto", pytest.param("off", marks=pytest.mark.long)]
)
def rogues(request, tmp_path_factory):
    """The class as the command has graded it: in the best sandbox here, and in none."""
    command = Command(tmp_path_factory.mktemp("rogues"))
    for name in FILES:
        hostile = importlib.import_module(f"hostile.{name}")
        command.hand_in(name, hostile.submit(solved()))
    command.hand_in(HONEST, solved())
    tcp, udp = listeners()
    with tcp, udp:
        code = CALL_HOME.format(port=tcp.getsockname()[1])
        command.hand_in(CALLER, before(solved(), "sol-rank", code))
        # most of them are waited for: four at a time
        batch = command.start("--isolation", request.param, "--jobs", "4")
        summary, err = batch.communicate(timeout=600)
        called = bool(select.select([tcp, udp], [], [], 0)[0])
    assert batch.returncode == 0, err
    lines = (command.out / "results.jsonl").read_text().splitlines()
    results = {result["student"]: result for result in map(json.loads, lines)}
    return SimpleNamespace(
        command=command, results=results, summary=json.loads(summary), called=called
    )


@pytest.mark.parametrize("name", FILES)
def test_it_gets_the_score_of_its_honest_part(rogues, name):
    hostile, result = importlib.import_module(f"hostile.{name}"), rogues.results[name]
    points = {question["id"]: question["points"] for question in result["questions"]}
    full = {question["id"]: question["out_of"] for question in result["questions"]}
    assert points == ({} if result["problem"] else full | hostile.SCORES)
    text = json.dumps(result)
    assert hostile.NOTE in text
    assert "SECRET" not in text or "files not isolated" in text
    assert "fault" not in result


def test_an_honest_one_among_them_has_every_point(rogues):
    result = rogues.results[HONEST]
    assert result["raw_score"] == result["max_score"]


def test_nothing_of_it_leaves_by_the_network(rogues):
    result = rogues.results[CALLER]
    assert result["raw_score"] == result["max_score"]
    assert rogues.called == ("network and" not in result["limits"]["isolation"])


def test_all_of_them_are_listed_with_the_points_of_their_results(rogues):
    assert len(rogues.results) == len(FILES) + 2
    assert rogues.summary["graded"] + rogues.summary["unreadable"] == len(FILES) + 2
    scores = {name: result["raw_score"] for name, result in rogues.results.items()}
    assert rogues.command.scores() == scores


def tells_hidden(path):
    """Return whether a file has a line of a hidden test, or what the test asks for."""
    text, cells = path.read_text(), solved()["cells"]
    regions = [
        source.split("### BEGIN HIDDEN TESTS")[1]
        for cell in cells
        if "### BEGIN HIDDEN TESTS" in (source := "".join(cell["source"]))
    ]
    lines = [line.strip() for region in regions for line in region.splitlines()]
    assert any(".unseen(" in line for line in lines)
    return any(line in text for line in [*filter(None, lines), "31, 17, 23, 47"])


def test_no_page_or_table_tells_a_hidden_test(rogues):
    paths = [path for path in rogues.command.out.rglob("*") if path.is_file()]
    assert len(paths) > len(FILES)
    assert not [path for path in paths if tells_hidden(path)]


def test_no_process_and_no_temporary_file_is_left(rogues):
    # without a sandbox, files may be anywhere
    files = "files not isolated" not in rogues.results[HONEST]["limits"]["isolation"]
    assert rogues.command.left(files=files) == []
