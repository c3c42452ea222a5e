"""Is everybody's work taken as theirs, and is nothing dropped without a word?"""

import io
import os
import re
import struct
import unicodedata
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from command import QUICKEST as NAME
from hypothesis import given, settings
from hypothesis import strategies as st

from lessonlib.errors import LessonError
from lessonlib.grading.intake import STATES, Intake, find_submissions
from lessonlib.grading.late import load_zone, parse_time

FILE = f"{NAME}.ipynb"
MARIAS = {"Maria Garcia_1001", "Maria Garcia_1002"}
MALLORY = [
    f"bob_1002_assignsubmission_file/{FILE}", f"submitted/bob_1002/ps5/{FILE}",
    f"1002-5001 - bob - 20 November, 2026 1000 AM/{FILE}", f"bob_1002_5002_{FILE}",
    f"bob_1002 - {FILE}", f"bob_1002/{FILE}",
]  # fmt: skip
BRIGHTSPACE = "1001-5001 - Maria Garcia - 20 November, 2026 1000 AM"
BLACKBOARD = "HW 5_{}_attempt_2026-11-20-10-00-00_" + FILE
LAYOUTS = {
    "one outer folder": (["submissions/ada/", "submissions/bob/"], {"ada", "bob"}),
    "a task and a year": (["HW05-2026/ada/", "HW05-2026/bob/"], {"ada", "bob"}),
    "two outer folders": (["2026/HW 5/ada/", "2026/HW 5/bob/"], {"ada", "bob"}),
    "no outer folder": (["ada/", "bob/"], {"ada", "bob"}),
    "a drive": (
        ["HW 5/Ada Lovelace - ", "HW 5/Bob - "],
        {"Ada Lovelace", "Bob"},
    ),
    "a drive, flat": (["Ada Lovelace - ", "Bob - Copy of "], {"Ada Lovelace", "Bob"}),
    "moodle": (
        [f"Maria Garcia_{n}_assignsubmission_file/" for n in (1001, 1002)],
        MARIAS,
    ),
    "moodle, in a folder": (
        [f"HW/Maria Garcia_{n}_assignsubmission_file_/" for n in (1001, 1002)],
        MARIAS,
    ),
    "moodle, flat": (
        [f"Maria Garcia_{n}_assignsubmission_file_" for n in (1001, 1002)],
        MARIAS,
    ),
    "canvas": (
        ["garciamaria_1001_5001_", "garciamaria_LATE_1002_5002_"],
        {"garciamaria_1001", "garciamaria_1002"},
    ),
    "canvas, none late": (
        ["garciamaria_1001_5001_", "garciamaria_1002_5002_"],
        {"garciamaria_1001", "garciamaria_1002"},
    ),
    "brightspace": (
        [f"{BRIGHTSPACE}/", f"{BRIGHTSPACE.replace('1001-', '1002-')}/"],
        MARIAS,
    ),
    "github classroom": (
        ["05-maria/exercises/", "05-bob/exercises/"],
        {"05-maria", "05-bob"},
    ),
    "nbgrader": (["submitted/maria/ps5/"], {"maria"}),
    "nbgrader, two": (["submitted/ada/ps5/", "submitted/bob/ps5/"], {"ada", "bob"}),
    "whole my-work": (
        ["ada/my-work/exercises/", "bob/my-work/exercises/"],
        {"ada", "bob"},
    ),
    "odd names": (["x/=1+1/", 'x/O"Hara, Ann/', "x/'q'/"], None),
}


def packed(files, path=None):
    """Write a zip of names and contents, and return its bytes or path."""
    target = io.BytesIO() if path is None else path
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue() if path is None else path


def laid_out(folder, files):
    """Write files into a folder, and return its path."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read(path, **options):
    """Return students with their content, and every account."""
    intake = Intake([path], [NAME], **options)
    found = list(intake.submissions())
    rows = {(each.student, each.assignment or each.file) for each in found}
    assert len(rows) == len(found)
    return {each.student: each for each in found}, intake.accounts()


@pytest.mark.parametrize("in_zip", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_gives_each_person_their_own_row(tmp_path, layout, in_zip):
    places, expected = LAYOUTS[layout]
    expected = expected or {place.split("/")[1] for place in places}
    files = {f"{place}{FILE}": place for place in places}
    if in_zip:
        path = packed(files, tmp_path / "class.zip")
    else:
        path = laid_out(tmp_path / "class", files)
    found, accounts = read(path)
    assert set(found) == expected
    assert {each.content for each in found.values()} == {p.encode() for p in places}
    assert [each.state for each in accounts] == ["taken"] * len(places)
    assert {each.assignment for each in found.values()} == {NAME}


@pytest.mark.parametrize("by", ["", "file"])
@pytest.mark.parametrize(
    "users",
    [("mgarcia", "bob"), ("a_smith", "b_smith"), ("a_smith", "b_jones"),
     ("smith", "smith_b"), ("a_b_c", "b_c", "c"), ("mgarcia",)],
)  # fmt: skip
def test_blackboards_user_is_the_person(tmp_path, users, by):
    files = {BLACKBOARD.format(who): who for who in users}
    found, _ = read(packed(files, tmp_path / "class.zip"), by=by)
    assert {who: each.content.decode() for who, each in found.items()} == {
        who: who for who in users
    }


def test_blackboards_users_are_told_task_by_task(tmp_path):
    six = BLACKBOARD.replace("HW 5", "HW 6").replace(FILE, "06_y.ipynb")
    files = [
        each.format(who) for who in ("a_smith", "b_smith") for each in (BLACKBOARD, six)
    ]
    intake = Intake(
        [packed(dict.fromkeys(files, "x"), tmp_path / "c.zip")], [NAME, "06_y"]
    )
    found = [(each.student, each.assignment) for each in intake.submissions()]
    assert sorted(found) == [
        (who, name) for who in ("a_smith", "b_smith") for name in (NAME, "06_y")
    ]


def test_what_a_task_and_what_a_user_is_called_is_not_guessed_of_one_alone(tmp_path):
    files = {
        BLACKBOARD.format("a_smith").replace("10-00-00", at): "x"
        for at in ("10-00-00", "11-00-00")
    }
    found, accounts = read(packed(files, tmp_path / "class.zip"))
    assert [*found] == ["HW 5_a_smith"]
    assert sorted(each.state for each in accounts) == ["older", "taken"]


@pytest.mark.parametrize("inside", MALLORY)
@pytest.mark.parametrize("mine", ["mallory_1001_5001_homework.zip", "HW/mallory_1001"])
def test_nobody_hands_in_for_another_by_a_name_within_their_own(tmp_path, inside, mine):
    his = f"bob_1002_5002_{FILE}" if mine.endswith("zip") else f"HW/bob_1002/{FILE}"
    forged = {mine: packed({inside: "forged"})}
    if not mine.endswith("zip"):
        forged = {f"{mine}/{inside}": "forged"}
    found, _ = read(packed({his: "his own", **forged}, tmp_path / "class.zip"))
    assert {who: each.content for who, each in found.items()} == {
        "bob_1002": b"his own", "mallory_1001": b"forged",
    }  # fmt: skip


def test_a_name_may_stand_behind_the_notebooks(tmp_path):
    names = [f"{NAME} - Ada Lovelace.ipynb", f"{FILE} - Bob", f"Cyd - {NAME} (1).ipynb"]
    found, _ = read(packed({name: name for name in names}, tmp_path / "class.zip"))
    assert [found[who].content.decode() for who in ("Ada Lovelace", "Bob", "Cyd")] == (
        names
    )


OUTERMOST = {
    "mallory_1001": "mallory_1001_assignsubmission_file_{}",
    "mallory": "HW 5_mallory_attempt_2026-11-20-10-00-00_{}",
}


@pytest.mark.parametrize("inside", MALLORY[:1] + [BLACKBOARD.format("bob")])
@pytest.mark.parametrize("mallory", OUTERMOST)
def test_of_two_marks_in_a_name_the_platform_has_written_the_first(
    tmp_path, mallory, inside
):
    forged = OUTERMOST[mallory].format(inside.replace("/", "_"))
    his = (
        OUTERMOST[mallory]
        .replace("mallory", "bob")
        .replace("1001", "1002")
        .format(FILE)
    )
    found, _ = read(packed({forged: "forged", his: "his own"}, tmp_path / "class.zip"))
    bob = mallory.replace("mallory", "bob").replace("1001", "1002")
    assert {who: each.content for who, each in found.items()} == {
        mallory: b"forged", bob: b"his own",
    }  # fmt: skip


def test_groups_with_numbers_are_not_copies_of_one(tmp_path):
    for name in ("Lab - group-{}.zip", "group-{}.zip", "group-{} - " + FILE, "g_{}/"):
        files = {}
        for n in (1, 2):
            path = name.format(n)
            content = packed({FILE: str(n)}) if path.endswith("zip") else str(n)
            files[f"{path}{FILE}" if path.endswith("/") else path] = content
        found, _ = read(packed(files, tmp_path / "class.zip"))
        assert sorted(each.content for each in found.values()) == [b"1", b"2"]


@pytest.mark.parametrize(
    "file",
    [f"{NAME} (1).ipynb", f"{NAME}-2.ipynb", f"Copy of {FILE}", f"{FILE}.txt",
     f"{NAME}-Copy1.ipynb", f"{FILE}.json", f"{NAME}.IPYNB", "05.ipynb",
     f"{NAME.upper()}.Ipynb", f"{NAME}.ipynb (1)"],
)  # fmt: skip
def test_a_renamed_file_is_the_same_notebook_of_the_same_person(tmp_path, file):
    file = file.replace("05.", f"{NAME[:2]}.")
    found, _ = read(
        packed({f"ada/{file}": "a", f"bob/{FILE}": "b"}, tmp_path / "c.zip")
    )
    assert {who: each.content for who, each in found.items()} == {
        "ada": b"a", "bob": b"b",
    }  # fmt: skip
    assert {each.assignment for each in found.values()} == {NAME}


@pytest.mark.parametrize("folder", ["my-work", ""])
def test_of_a_whole_my_work_the_exercises_count(tmp_path, folder):
    inside = [f"exercises/{FILE}", f"notebooks/{FILE}", "notebooks/00_tour.ipynb"]
    places = [f"{who}/{folder}/{name}".replace("//", "/")
              for who in ("ada", "bob") for name in inside]  # fmt: skip
    found, accounts = read(packed({p: p for p in places}, tmp_path / "class.zip"))
    assert set(found) == {"ada", "bob"}
    assert all(b"/exercises/" in each.content for each in found.values())
    assert sorted(a.state for a in accounts) == ["not ours"] * 4 + ["taken"] * 2
    found, _ = read(laid_out(tmp_path / "ada", {name: name for name in inside}))
    assert found["ada"].content == f"exercises/{FILE}".encode()


@pytest.mark.parametrize(
    ("files", "by"),
    [
        ([f"submissions/ada/{FILE}"], "--by 1 for submissions, --by 2 for ada"),
        ([f"submissions/ada/{FILE}", f"submissions/{FILE}"], "--by 1 for submissions"),
        (
            [f"ada/{FILE}", f"bob/{FILE}", FILE],
            "names of people are: --by 1, or --by file",
        ),
        ([f"submissions/{FILE}"], "--by 0 for class, --by 1 for submissions, or"),
        ([f"Abgaben/{FILE}"], "--by 0 for class, --by 1 for Abgaben, or --by file"),
        ([f"ada/{FILE}", f"ada/{NAME} (1).ipynb"], "--by 0 for class, --by 1 for ada"),
        ([f"HW 5/my-work/exercises/{FILE}"], "--by 0 for class, --by 1 for HW 5,"),
        ([FILE], "names of people are: --by 0 for class, or --by file"),
        ([FILE, f"{NAME} (1).ipynb"], "--by 0 for class, or --by file"),
    ],
)
def test_where_folders_leave_it_open_the_way_to_say_it_is_named(tmp_path, files, by):
    path = packed(dict.fromkeys(files, "x"), tmp_path / "class.zip")
    with pytest.raises(LessonError, match=by) as refused:
        Intake([path], [NAME])
    assert any(f"whose is {file}?" in str(refused.value) for file in files)
    for option in re.findall(r"--by (\w+)", str(refused.value)):
        accounts = Intake([path], [NAME], by=option).accounts()
        assert len(accounts) == len(files)


@pytest.mark.parametrize(
    "name", ["submissions", "HW05-2026", "Homework 5", "Lab_3", "tmp"]
)
def test_a_folder_or_zip_of_a_task_is_nobodys(tmp_path, name):
    for path in (
        packed({FILE: "x"}, tmp_path / f"{name}.zip"),
        laid_out(tmp_path / name, {FILE: "x"}),
        laid_out(tmp_path / name, {FILE: "x"}) / FILE,
    ):
        with pytest.raises(LessonError, match=f"--by 0 for {name}, or --by file"):
            Intake([path], [NAME])
        assert set(read(path, by="0")[0]) == {name}


@pytest.mark.parametrize(
    "files",
    [
        [f"HW/Ada - {FILE}", f"HW/Ada - {NAME} (1).ipynb"],
        [f"submissions/ada/{FILE}", f"submissions/bob/{FILE}", f"template/{FILE}"],
    ],
)
def test_what_may_be_two_peoples_is_never_merged(tmp_path, files):
    found, accounts = read(packed(dict.fromkeys(files, "x"), tmp_path / "class.zip"))
    assert any("says whose" in f.problem or "two people" in f.problem
               for f in found.values())  # fmt: skip
    assert len(accounts) == len(files)


def test_a_person_is_where_the_instructor_says(tmp_path):
    names = [f"submissions/{who}/{part}/{FILE}" for who in "ab" for part in "xy"]
    path = packed({**dict.fromkeys(names, "x")}, tmp_path / "class.zip")
    for by, expected in {"0": {"class"}, "1": {"submissions"}, "2": {"a", "b"}}.items():
        assert set(read(path, by=by)[0]) == expected
    found, _ = read(path, by="file")
    assert all("--by file finds no name" in each.problem for each in found.values())


def test_zips_that_are_named_alike_inside_are_not_merged(tmp_path):
    paths = [
        packed({f"homework/{FILE}": who}, tmp_path / f"{who}.zip")
        for who in ("ada", "bob")
    ]
    with pytest.raises(LessonError, match="--by 0 for ada, --by 1 for homework"):
        Intake(paths, [NAME])
    by_zip = Intake(paths, [NAME], by="0").submissions()
    assert {each.student for each in by_zip} == {"ada", "bob"}


@pytest.mark.parametrize(
    ("root", "file", "student"),
    [
        ("submitted", f"maria/ps5/{FILE}", "maria"),
        ("Maria Garcia_1001_assignsubmission_file", f"x/y/{FILE}", "Maria Garcia_1001"),
        ("garciamaria_1001_5001_homework.zip", FILE, "garciamaria_1001"),
        ("ada.zip", FILE, "ada"),
        ("ada", FILE, "ada"),
        ("ada", f"my-work/exercises/{FILE}", "ada"),
    ],
)
def test_what_is_named_may_itself_be_somebodys(
    tmp_path, monkeypatch, root, file, student
):
    path = tmp_path / root
    packed({file: "x"}, path) if path.suffix else laid_out(path, {file: "x"})
    assert set(read(path)[0]) == {student}
    if path.is_dir():
        monkeypatch.chdir(path)
        assert set(read(Path("."))[0]) == {student}


def test_names_are_utf_8_and_composed(tmp_path):
    path = tmp_path / "class.zip"
    spelled = unicodedata.normalize("NFD", "Zoë Müller")
    packed({f"{spelled}/{FILE}": "z", f"Jos\u00e9/{FILE}": "j"}, path)
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        where = -1
        while (where := content.find(mark, where + 1)) >= 0:
            content[where + at + 1] &= ~0x08  # the flag that says UTF-8
    path.write_bytes(content)
    assert set(read(path)[0]) == {"Zo\u00eb M\u00fcller", "Jos\u00e9"}


INSIDE = {f"my-work/exercises/{FILE}": "inside", "my-work/notes.md": "words"}


def test_a_zip_in_a_zip_is_opened_as_the_folder_of_its_owner(tmp_path):
    inner = packed(INSIDE)
    files = {
        "class/ada/homework.zip": inner, f"class/bob/{FILE}": "b",
        "class/cyd.zip": packed({"again.ZIP": inner}),
    }  # fmt: skip
    for path in (packed(files, tmp_path / "x.zip"), laid_out(tmp_path / "x", files)):
        found, accounts = read(path)
        assert {who: each.content for who, each in found.items()} == {
            "ada": b"inside", "bob": b"b", "cyd": b"inside",
        }  # fmt: skip
        states = sorted(each.state for each in accounts)
        assert states == ["not ours"] * 5 + ["taken"] * 3
        assert sum("opened, " in each.reason for each in accounts) == 3


def test_bombs_of_zips_in_zips_are_refused_alone(tmp_path):
    deep = packed(INSIDE)
    for _ in range(5):
        deep = packed({"deeper.zip": deep})
    wide = packed({f"{n}.txt": "" for n in range(5_001)})
    files = {
        "deep/a.zip": deep, "wide/a.zip": wide, "none/a.zip": "words",
        "cut/a.zip": deep[: len(deep) // 2], f"ada/{FILE}": "a", "old/a.rar": "r",
    }  # fmt: skip
    found, accounts = read(packed(files, tmp_path / "class.zip"))
    assert found.pop("ada").content == b"a"
    said = {who: each.problem for who, each in found.items()}
    assert "3 zips deep" in said["deep"]
    assert "more than 5,000 entries" in said["wide"]
    assert "is no zip" in said["none"]
    assert "is no zip" in said["cut"]
    assert "only a zip" in said["old"]
    assert {each.state for each in accounts} == {"taken", "unreadable", "not ours"}


CAME = {
    f"ada/{FILE}": "a", f"ada/{NAME} (1).ipynb": "b", "ada/notes.docx": "c",
    f"bob/{FILE}.txt": "d", "bob/.DS_Store": "e", "bob/h.7z": "f", "README": "g",
    f"cyd/{FILE}.swp": "h", f"__MACOSX/._{FILE}": "i", "dan/other.ipynb": "j",
    f"eve/.ipynb_checkpoints/{FILE}": "k", f"fay/{FILE}.html": "l", "gil/h.zip": "m",
}  # fmt: skip


@pytest.mark.parametrize("left_out", [None, *CAME])
@pytest.mark.parametrize("outer", ["", "HW 5/"])
def test_the_sum_of_what_came_in_is_what_is_listed(tmp_path, outer, left_out):
    files = {f"{outer}{name}": text for name, text in CAME.items() if name != left_out}
    for path in (packed(files, tmp_path / "x.zip"), laid_out(tmp_path / "x", files)):
        _, accounts = read(path)
        named = [each.file.removeprefix("x.zip: ") for each in accounts]
        named = [file.removeprefix(f"{path}/").removeprefix(outer) for file in named]
        folders = ("__MACOSX", "eve/.ipynb_checkpoints")  # each is one thing on a disk
        there = [name.removeprefix(outer) for name in files]
        if path.is_dir():
            starts = [f for f in folders if any(n.startswith(f) for n in there)]
            there = [name for name in there if not name.startswith(folders)] + starts
        assert sorted(named) == sorted(there)
        assert {each.state for each in accounts} <= {*STATES}
        assert all(each.reason for each in accounts if each.state != "taken")


FOLDERS = st.sampled_from(["ada", "bob", "HW 5", "my-work", "exercises", "h.zip", "x"])
FILES = st.sampled_from(
    [FILE, f"{NAME} (1).ipynb", f"Ada - {FILE}", f"garciamaria_1001_5001_{FILE}",
     f"bob_{FILE}", "04_x.ipynb", "a.txt", ".DS_Store", f"{FILE}.txt", "h.zip", "h.7z"],
)  # fmt: skip
PATHS = st.tuples(st.lists(FOLDERS, max_size=4).map(tuple), FILES)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sets(PATHS, min_size=1, max_size=8), st.sampled_from(["", "0", "1", "file"]))
def test_whatever_came_in_is_listed_once_or_refused_in_a_sentence(paths, by):
    names = ["/".join((*folders, file)) for folders, file in paths]
    with TemporaryDirectory() as folder:
        path = packed(dict.fromkeys(names, "words"), Path(folder) / "class.zip")
        try:
            _, accounts = read(path, by=by)
        except LessonError as refused:
            assert "whose is" in str(refused) or "no notebook" in str(refused)
        else:
            assert sorted(a.file for a in accounts) == sorted(
                f"class.zip: {name}" for name in names
            )


def test_an_empty_folder_is_listed(tmp_path):
    folder = laid_out(tmp_path / "x", {f"ada/{FILE}": "a", f"bob/{FILE}": "b"})
    (folder / "cyd").mkdir()
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("ada")
        archive.mkdir("cyd")
        archive.writestr(f"ada/{FILE}", "a")
        archive.writestr(f"bob/{FILE}", "b")
    for where in (folder, path):
        _, accounts = read(where)
        assert [each.reason for each in accounts] == ["", "", "an empty folder"]


WRITTEN = (2026, 11, 30, 23, 30, 0)  # half an hour before midnight, in Berlin
UTC_S = 1_796_077_800


@pytest.mark.parametrize(
    "extra",
    [
        struct.pack("<HHBi", 0x5455, 5, 1, UTC_S),
        struct.pack("<HHHH", 1, 4, 7, 7)
        + struct.pack("<HHBii", 0x5455, 9, 3, UTC_S, 0),
        struct.pack("<HHii", 0x5855, 8, 0, UTC_S),
        struct.pack(
            "<HHIHHQQQ", 10, 32, 0, 1, 24, (UTC_S + 11_644_473_600) * 10**7, 0, 0
        ),
    ],
    ids=["unix", "unix, not first", "old unix", "windows"],
)
def test_a_zip_that_says_its_zone_is_believed(tmp_path, extra):
    intake = zipped_at(tmp_path, extra)
    (found,) = intake.submissions()
    assert found.timestamp == "2026-11-30T22:30:00+00:00"
    assert intake.unzoned == []


@pytest.mark.parametrize(
    "extra", [b"", b"\x55\x54\5", struct.pack("<HHB", 0x5455, 1, 0), b"\1\0\0\0"]
)
def test_a_zip_that_does_not_is_read_in_the_zone_that_was_said(tmp_path, extra):
    for zone, expected in (
        ("UTC", "23"),
        ("Europe/Berlin", "22"),
        ("Asia/Tokyo", "14"),
    ):
        intake = zipped_at(tmp_path, extra, zone=load_zone(zone))
        (found,) = intake.submissions()
        assert found.timestamp == f"2026-11-30T{expected}:30:00+00:00"
        assert intake.unzoned == [str(tmp_path / "ada.zip")]


def zipped_at(folder, extra, **options):
    entry = zipfile.ZipInfo(FILE, WRITTEN)
    entry.extra = extra
    with zipfile.ZipFile(folder / "ada.zip", "w") as archive:
        archive.writestr(entry, "x")
    return Intake([folder / "ada.zip"], [NAME], **options)


def test_the_same_files_unpacked_have_the_same_time(tmp_path):
    intake = zipped_at(tmp_path, b"", zone=ZoneInfo("Europe/Berlin"))
    folder = laid_out(tmp_path / "ada", {FILE: "x"})
    os.utime(folder / FILE, (UTC_S, UTC_S))
    times = {each.timestamp for each in intake.submissions()}
    assert {each.timestamp for each in find_submissions([folder], [NAME])} == times


def test_a_time_may_name_its_zone(tmp_path):
    berlin = ZoneInfo("Europe/Berlin")
    for text in ("2026-11-30T23:30", "2026-11-30 23:30"):
        assert parse_time(text, berlin).timestamp() == UTC_S
    assert parse_time("2026-11-30 23:30:00.5 Europe/Berlin").timestamp() == UTC_S + 0.5
    assert parse_time("2026-11-30 22:30 UTC", berlin).timestamp() == UTC_S
    for nowhere in ("Berlin", "../etc/passwd", "", "Europe"):
        with pytest.raises(LessonError, match="is no time zone"):
            load_zone(nowhere)
