"""Does each hostile submission get what its honest part deserves, and nothing more?"""

import importlib
import json
import select
import socket
from pathlib import Path

import pytest
from hostile import NAME, before

LIMIT_S = 5  # loops end here, and what is honest takes milliseconds
FILES = sorted(
    path.stem for path in (Path(__file__).parent / "hostile").glob("[a-z]*.py")
)


@pytest.mark.parametrize("name", FILES)
def test_it_gets_the_score_of_its_honest_part(grade, solved, name):
    hostile = importlib.import_module(f"hostile.{name}")
    result = grade(NAME, hostile.submit(solved(NAME)))
    seen = {each["id"]: each["points"] for each in result["questions"]}
    full = {each["id"]: each["out_of"] for each in result["questions"]}
    assert seen == ({} if result["problem"] else full | hostile.SCORES)
    told = json.dumps(result)
    assert hostile.NOTE in told
    assert "SECRET" not in told or "files not isolated" in told
    assert "fault" not in result


def test_an_honest_one_after_them_has_every_point(grade, solved):
    result = grade(NAME, solved(NAME))
    assert result["raw_score"] == result["max_score"]


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


def test_nothing_of_it_leaves_by_the_network(grade, solved):
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        result = grade(
            NAME, before(solved(NAME), "sol-rank", CALL_HOME.format(port=port))
        )
        assert result["raw_score"] == result["max_score"]
        heard = select.select([tcp, udp], [], [], 0)[0]
    assert bool(heard) == ("network and" not in result["limits"]["isolation"])
