"""Is everybody with a key let in, and nobody else, whatever becomes of the file?"""

import hashlib
import logging
import os
import pickle
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from lessonlib.errors import KeysUnavailable
from lessonlib.serve.keys import (
    Keys,
    NotAdmitted,
    main,
    new_key,
    read_keys,
    revoke_key,
)
from lessonlib.serve.rates import RateLimit


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys"


def admitted(keys, key, query=""):
    """Return the caller's name, or the status and the code of the refusal."""
    try:
        name = keys.caller(f"Bearer {key}", query)
        keys.count(name)
        return name
    except NotAdmitted as refused:
        return refused.status, refused.code


def test_a_key_is_known_by_its_hash_alone(file):
    keys = {name: new_key(file, name) for name in ("ada", "bob")}
    text = file.read_text()
    for name, key in keys.items():
        assert len(key) == 43 and key not in text
        assert hashlib.sha256(key.encode()).hexdigest() in text
        assert admitted(Keys(file), key) == name
    assert len(set(keys.values())) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_file_is_its_owners_alone(file):
    before = os.umask(0)
    try:
        new_key(file, "ada")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    revoke_key(file, "ada")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keys_come_and_go_without_a_restart(file):
    first = new_key(file, "ada")
    keys = Keys(file)
    assert admitted(keys, first) == "ada"
    second = new_key(file, "bob")
    assert admitted(keys, second) == "bob"
    revoke_key(file, "ada")
    assert admitted(keys, first) == (401, "unknown_key")
    assert admitted(keys, second) == "bob"
    third = new_key(file, "ada")
    assert admitted(keys, third) == "ada"
    assert admitted(keys, first) == (401, "unknown_key")


ODD_HEADERS = {
    "nothing": ("", "no_key"),
    "the scheme alone": ("Bearer", "unknown_key"),
    "a space more": ("Bearer ", "unknown_key"),
    "another scheme": ("Basic {key}", "unknown_key"),
    "the key alone": ("{key}", "unknown_key"),
    "a character less": ("Bearer {short}", "unknown_key"),
    "a character more": ("Bearer {key}A", "unknown_key"),
    "padded": ("Bearer {key}=", "unknown_key"),
    "other case": ("Bearer {swapped}", "unknown_key"),
    "its hash": ("Bearer {digest}", "unknown_key"),
    "two keys": ("Bearer {key} {key}", "unknown_key"),
    "two headers": ("Bearer {key},Bearer {key}", "unknown_key"),
    "a name": ("Bearer ada", "unknown_key"),
    "a line end": ("Bearer {key}\nX: y", "unknown_key"),
    "no ASCII": ("Bearer {key}\xe9", "unknown_key"),
    "a NUL": ("Bearer {key}\0", "unknown_key"),
    "very long": ("Bearer " + "A" * 100_000, "unknown_key"),
}


@pytest.mark.parametrize("name", ODD_HEADERS)
def test_an_odd_header_is_no_key(file, name):
    key = new_key(file, "ada")
    digest = hashlib.sha256(key.encode()).hexdigest()
    header, code = ODD_HEADERS[name]
    changed = {"short": key[:-1], "swapped": key.swapcase(), "digest": digest}
    header = header.format(key=key, **changed)
    with pytest.raises(NotAdmitted) as refused:
        Keys(file).caller(header, "")
    assert (refused.value.status, refused.value.code) == (401, code)
    challenge = refused.value.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="')
    assert ("invalid_token" in challenge) == (code == "unknown_key")
    assert key[:-1] not in str(refused.value) and digest not in str(refused.value)


@pytest.mark.parametrize(
    "header", ["Bearer {}", "bearer {}", "BEARER   {}", " Bearer {} "]
)
def test_the_scheme_may_be_written_as_http_allows(file, header):
    key = new_key(file, "ada")
    assert Keys(file).caller(header.format(key), "") == "ada"


@pytest.mark.parametrize("query", ["access_token={}", "key={}", "{}", "a=b"])
def test_an_address_with_a_query_is_refused_with_a_key_or_without(file, query):
    key = new_key(file, "ada")
    with pytest.raises(NotAdmitted, match="least of all a key.*revoke") as refused:
        Keys(file).caller(f"Bearer {key}", query.format(key))
    assert refused.value.status == 400 and key not in str(refused.value)


DAMAGED = {
    "a word": b"hello\n",
    "an empty line": b"{good}\n\n{good}\n",
    "cut in the last line": b"{good}",
    "cut in the hash": b"{good}\nnew bob 00\n",
    "no text": b"\xff\xfe\n",
    "another hash": b"new bob " + b"g" * 64 + b"\n",
    "upper case": b"new Bob " + b"0" * 64 + b"\n",
    "spaces": b"new  bob " + b"0" * 64 + b"\n",
    "DOS ends": b"{good}\r\n",
    "JSON": b'{"ada": "key"}\n',
    "zeros": bytes(100),
    "a key, not its hash": b"new bob {key}\n",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_lets_nobody_in_and_says_so_once(file, caplog, name):
    key = new_key(file, "ada")
    keys = Keys(file)
    assert admitted(keys, key) == "ada"
    good = file.read_bytes()
    content = (
        DAMAGED[name].replace(b"{good}", good.strip()).replace(b"{key}", key.encode())
    )
    file.write_bytes(content)
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            keys.caller(f"Bearer {key}", "")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert key not in caplog.text and str(file) in caplog.text
    with pytest.raises(KeysUnavailable):  # and nothing is added to it
        new_key(file, "eve")
    assert file.read_bytes() == content
    file.write_bytes(good)
    assert admitted(keys, key) == "ada"


def test_an_empty_file_is_nobodys(file):
    key = new_key(file, "ada")
    keys = Keys(file)
    assert admitted(keys, key) == "ada"
    file.write_bytes(b"")
    assert admitted(keys, key) == (401, "unknown_key")


def test_a_missing_file_lets_nobody_in_until_it_is_back(file, caplog):
    keys = Keys(file)
    for _ in range(2):
        with pytest.raises(KeysUnavailable, match="No such file"):
            keys.caller("Bearer x", "")
    assert len(caplog.records) == 1
    key = new_key(file, "ada")
    assert admitted(keys, key) == "ada"
    file.unlink()
    file.mkdir()
    with pytest.raises(KeysUnavailable, match="cannot be read"):
        keys.caller(f"Bearer {key}", "")
    file.rmdir()
    again = new_key(file, "ada")
    assert (admitted(keys, again), admitted(keys, key)) == ("ada", (401, "unknown_key"))


@pytest.mark.parametrize(
    "name",
    ["", "Ada", "ada b", "ada\n", "ä", "../ada", "-", "a" * 41, "a\0", "a/b", ".a"],
)
def test_a_name_that_might_do_harm_is_refused(file, name):
    with pytest.raises(ValueError, match="a name has up to 40 of a-z"):
        new_key(file, name)
    assert not file.exists()


def test_a_name_has_one_key(file):
    new_key(file, "ada")
    with pytest.raises(ValueError, match="ada has a key; revoke it"):
        new_key(file, "ada")
    with pytest.raises(ValueError, match="'bob' has no key in .*; ada has"):
        revoke_key(file, "bob")


def test_two_who_write_at_once_lose_nothing(file):
    names = [f"caller-{i}" for i in range(60)]
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda name: new_key(file, name), names))
    assert sorted(read_keys(file).values()) == sorted(names)
    assert [admitted(Keys(file), key) for key in keys] == names


def test_a_limit_is_told_with_the_time_to_wait(file):
    keys = {name: new_key(file, name) for name in ("ada", "bob")}
    counting = Keys(file, limit=RateLimit(0.1, burst=2))
    assert [admitted(counting, keys["ada"]) for _ in "ab"] == ["ada", "ada"]
    with pytest.raises(NotAdmitted, match="the limit of ada is reached") as refused:
        counting.count("ada")
    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": "10"}  # rounded up
    assert admitted(counting, keys["bob"]) == "bob"


def test_it_goes_to_another_process_with_its_limit(file, tmp_path):
    key = new_key(file, "ada")
    keys = Keys(file, limit=RateLimit(1e-3, 1)).counted_in(tmp_path)
    other = pickle.loads(pickle.dumps(keys))
    assert admitted(other, key) == "ada"
    assert admitted(keys, key) == (429, "too_many_requests")
    assert repr(other) == f"keys in {file}"


def test_the_command_makes_revokes_and_lists(file, capsys):
    main(["new", str(file), "ada"])
    said = capsys.readouterr()
    key = said.out.strip()
    assert admitted(Keys(file), key) == "ada"
    assert "shown once" in said.err
    main(["list", str(file)])
    assert capsys.readouterr().out == "ada\n"
    main(["revoke", str(file), "ada"])
    assert admitted(Keys(file), key) == (401, "unknown_key")
    main(["list", str(file)])
    assert capsys.readouterr().out == "nobody has a key\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["new", "{file}", "A"], "a name has up to"),
        (["revoke", "{file}", "ada"], "cannot be read"),
        (["list", "{file}"], "cannot be read"),
        (["new", "{file}/there", "ada"], "cannot be"),
    ],
)
def test_what_the_command_cannot_do_is_a_sentence(file, words, told):
    with pytest.raises(SystemExit, match=told):
        main([word.format(file=file) for word in words])


@pytest.mark.parametrize("words", [["new", "f"], ["list", "f", "ada"], ["make", "f"]])
def test_a_command_that_is_none_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert "usage" in capsys.readouterr().err


def test_it_runs_as_the_page_says(file):
    command = [sys.executable, "-m", "lessonlib.serve.keys", "new", str(file), "ada"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert admitted(Keys(file), done.stdout.strip()) == "ada"


def test_a_line_that_is_just_written_is_waited_for(file, monkeypatch):
    new_key(file, "ada")
    whole = file.read_bytes()
    file.write_bytes(whole[:40])
    monkeypatch.setattr("time.sleep", lambda seconds: file.write_bytes(whole))
    assert list(read_keys(file).values()) == ["ada"]
