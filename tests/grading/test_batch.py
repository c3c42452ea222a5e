"""Is a class graded once, whole, and written down, whatever happens on the way?"""

import csv
import json
import os
import signal
import stat
import sys
import zipfile
from pathlib import Path

import pytest
from command import POINTS
from command import QUICKEST as NAME

from lessonlib.authoring.page import ROOT
from lessonlib.errors import LessonError
from lessonlib.grading.__main__ import main
from lessonlib.grading.batch import grade
from lessonlib.grading.cells import LARGEST_NOTEBOOK
from lessonlib.grading.intake import find_submissions
from lessonlib.grading.late import load_policy, seconds_late
from lessonlib.grading.merge import read_source
from lessonlib.grading.outputs import append_result, read_results, write_outputs
from lessonlib.grading.scratch import remove_tree

SOLVED = (ROOT / "solutions" / f"{NAME}.ipynb").read_bytes()
BLANK = (ROOT / "exercises" / f"{NAME}.ipynb").read_bytes()


@pytest.fixture
def handed_in(tmp_path):
    """A folder of a class of six: three solved it, and three did nothing."""
    folder = tmp_path / "class"
    for number in range(6):
        (folder / f"s{number}").mkdir(parents=True)
        content = SOLVED if number % 2 else BLANK
        (folder / f"s{number}" / f"{NAME}.ipynb").write_bytes(content)
    return folder


def grades(out):
    with (out / "grades.csv").open(newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


EXPECTED = {f"s{number}": POINTS * (number % 2) for number in range(6)}


def test_a_class_is_graded_by_one_command_and_continued_by_another(handed_in, tmp_path):
    out = tmp_path / "grades"
    command = ["grade", str(handed_in), "--out", str(out), "--jobs", "2", "--json"]
    assert main(command) == 0
    assert grades(out) == EXPECTED
    pages = "".join(path.read_text() for path in (out / "reports").iterdir())
    assert pages.count("<html") == 6
    assert main(command) == 2  # nothing is written over
    lines = (out / "results.jsonl").read_bytes().splitlines(keepends=True)
    (out / "results.jsonl").write_bytes(b"".join(lines[:4]) + lines[4][:50])
    assert main([*command, "--resume", "--jobs", "1"]) == 0
    assert grades(out) == EXPECTED
    assert len((out / "results.jsonl").read_bytes().splitlines()) == 4 + 1 + 2


def loky_workers():
    """Return the processes below this one that loky has started."""
    children = Path("/proc/self/task").glob("*/children")
    found = [int(pid) for path in children for pid in path.read_text().split()]
    return [
        pid
        for pid in found
        if b"popen_loky" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


@pytest.mark.long
def test_a_worker_that_is_killed_loses_nothing(handed_in, tmp_path):
    sources = {NAME: read_source(ROOT / "solutions" / f"{NAME}.ipynb")}
    killed, out = [], tmp_path / "out"
    out.mkdir()
    for result in grade(find_submissions([handed_in], [NAME]), sources, jobs=2):
        append_result(out, result)
        if not killed:
            killed = loky_workers()
            os.kill(killed[0], signal.SIGKILL)
    assert killed
    scores = {each["student"]: each["raw_score"] for each in read_results(out)}
    assert scores == EXPECTED


def test_a_zip_is_read_and_what_is_bad_in_it_is_refused_alone(tmp_path):
    path = tmp_path / "class.zip"
    link = zipfile.ZipInfo(f"Eve_3_assignsubmission_file/{NAME}.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"Ada Lovelace_1_assignsubmission_file/{NAME}.ipynb", SOLVED)
        archive.writestr(f"../Mallory/{NAME}.ipynb", SOLVED)
        archive.writestr(link, "/etc/passwd")
        archive.writestr(f"Bob_4/{NAME}.ipynb", b" " * (LARGEST_NOTEBOOK + 1))
        archive.writestr(f"lovelaceada_12345_678_{NAME}-1.ipynb", SOLVED)
    found = {each.student: each for each in find_submissions([path], [NAME])}
    assert found["Ada Lovelace_1"].content == SOLVED
    assert found["lovelaceada_12345"].content == SOLVED
    assert "leads out of the zip" in found["Mallory"].problem
    assert "symbolic link" in found["Eve_3"].problem
    assert "larger than 20 MB" in found["Bob_4"].problem
    assert {each.assignment for each in found.values()} == {NAME}


PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@pytest.mark.parametrize("packed", PACKED)
def test_damage_of_one_entry_is_told_and_the_rest_is_taken(tmp_path, packed):
    path = tmp_path / "class.zip"
    for at in range(0, 400, 7):
        with zipfile.ZipFile(path, "w", packed) as archive:
            archive.writestr(f"ada/{NAME}.ipynb", SOLVED)
            archive.writestr(f"bob/{NAME}.ipynb", SOLVED)
        content = bytearray(path.read_bytes())
        begins = 30 + len(f"ada/{NAME}.ipynb")
        content[begins + at : begins + at + 9] = b"\xff" * 9
        path.write_bytes(content)
        found = {each.student: each for each in find_submissions([path], [NAME])}
        assert "cannot be unpacked: " in found["ada"].problem
        assert found["bob"].content == SOLVED


def test_a_damaged_list_of_entries_is_one_sentence(tmp_path):
    path = tmp_path / "ada.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{NAME}.ipynb", SOLVED)
    whole = path.read_bytes()
    for at in range(whole.rindex(b"PK\1\2"), len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            found = list(find_submissions([path], [NAME]))
        except LessonError as error:
            assert str(path) in str(error)
        else:
            assert all(each.content or each.problem for each in found)


NAMES_OF_FOLDERS = {  # as they are on the disk, and in the tables
    b"Jos\xe9": "Jos\\udce9", b"\r=1+1": "\\r=1+1", b"\t=1+1": "\\t=1+1",
    b"two\nlines": "two\\nlines", b"=1+1": "=1+1", b"@sum": "@sum",
    "\uff1d1+1".encode(): "\uff1d1+1", "Zo\xeb".encode(): "Zo\xeb", b"a,b;c": "a,b;c",
    "\u2028line".encode(): "\\u2028line", b"nul-ish\x7f": "nul-ish\\x7f",
}  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="others have no such names")
def test_whoever_has_a_strange_name_has_one_harmless_row_in_each_table(
    tmp_path, capsys
):
    for name in NAMES_OF_FOLDERS:
        folder = os.fsencode(tmp_path / "class") + b"/" + name
        os.makedirs(folder)
        Path(os.fsdecode(folder), f"{NAME}.ipynb").write_bytes(BLANK)
    Path(tmp_path, "class", "unreadable").mkdir()
    Path(tmp_path, "class", "unreadable", f"{NAME}.ipynb").write_text("words")
    out = tmp_path / "out"
    command = ["grade", str(tmp_path / "class"), "--out", str(out), "--jobs", "1"]
    assert main(command) == 0
    capsys.readouterr().out.encode("utf-8")
    for table in ("grades.csv", "questions.csv"):
        raw = [row["student_id"] for row in rows(out, table)]
        assert {name.removeprefix("'") for name in raw} - {"unreadable"} == {
            *NAMES_OF_FOLDERS.values()
        }
        assert not [name for name in raw if name[0] in "=+-@\t\r\n\uff1d"]
    lines = (out / "grades.csv").read_bytes().splitlines()
    assert len(lines) == len(NAMES_OF_FOLDERS) + 2
    assert len(list((out / "reports").iterdir())) == len(NAMES_OF_FOLDERS) + 1


def test_a_deep_or_closed_folder_stops_nobody(handed_in, tmp_path):
    here = os.open(handed_in / "s0", os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("deep", dir_fd=here)
        below = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        found = list(find_submissions([handed_in], [NAME]))
    finally:
        remove_tree(handed_in / "s0")  # pytest cannot
    assert sorted(each.student for each in found if each.content) == sorted(EXPECTED)
    (closed,) = (each for each in found if each.problem)
    assert (closed.student, closed.problem[:25]) == ("s0", "the folder cannot be read")
    assert len(closed.file) < 400


def test_links_in_a_folder_are_not_followed(handed_in, tmp_path):
    path = handed_in / "s0" / f"{NAME}.ipynb"
    path.unlink()
    path.symlink_to("/etc/passwd")
    first = next(find_submissions([handed_in], [NAME]))
    assert (first.content, first.problem[:18]) == (None, "it is a symbolic l")


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(LessonError, match="is not there"):
        list(find_submissions([tmp_path / "none"], [NAME]))
    with pytest.raises(LessonError, match="no notebook"):
        list(find_submissions([tmp_path], [NAME]))


@pytest.mark.parametrize(
    ("policy", "late_s", "penalty"),
    [
        ("none", 99, 0), ("zero", 1, 10), ("zero", 0, 0), ("10%-a-day", 1, 1),
        ("10%-a-day", 86_401, 2), ("50%-a-day", 10**7, 10), ("math:pow", 2, 1024),
    ],
)  # fmt: skip
def test_late_policies(policy, late_s, penalty):
    assert load_policy(policy)(late_s, 10) == penalty


def test_a_policy_that_is_none_is_refused():
    for text in ("sometimes", "10%", "math:nothing"):
        with pytest.raises(LessonError, match="is no policy.* say none, zero"):
            load_policy(text)


def test_lateness_counts_from_the_due_time_in_any_zone():
    assert seconds_late("2026-11-30T23:59Z", "2026-12-01T00:59:00+01:00") == 0
    assert seconds_late("2026-11-30T23:59", "2026-12-01 00:00:00 UTC") == 60
    assert seconds_late("2026-11-30", "2026-11-30T23:00Z") == 0  # a date is its end
    assert seconds_late("2026-11-30", "2026-12-01T00:00:09Z") == 10
    with pytest.raises(LessonError, match="is no time"):
        seconds_late("tomorrow", "2026-12-01")


def result(student, **changes):
    return {
        "assignment": NAME, "student": student, "timestamp": "", "raw_score": 3,
        "max_score": 7, "questions": [], "manual": [], "problem": "", "notes": [],
        "limits": {},
    } | changes  # fmt: skip


def written_question(out, points):
    manual = [{"id": "page", "title": "a page", "points": 4, "text": "words"}]
    append_result(out, result("=ada", manual=manual))
    write_outputs(out)
    table = out / "manual.csv"
    table.write_text(table.read_text().replace("page,4,,", f"page,4,{points},good"))
    write_outputs(out)


def rows(out, name="grades.csv"):
    with (out / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_points_of_a_human_are_kept_and_added(tmp_path):
    written_question(tmp_path, "2.5")
    write_outputs(tmp_path)
    assert "2.5,good" in (tmp_path / "manual.csv").read_text()
    (line,) = (tmp_path / "grades.csv").read_text().splitlines()[1:]
    assert line == f"{NAME},,,'=ada,,,,5.5,0,5.5,7,graded"
    assert [row["points"] for row in rows(tmp_path, "questions.csv")] == ["2.5"]
    (page,) = (tmp_path / "reports").iterdir()
    assert "5.5 of 7 points" in page.read_text()
    assert "<p>good</p>" in page.read_text()


def test_until_a_human_has_read_it_a_grade_waits(tmp_path):
    written_question(tmp_path, "")
    assert rows(tmp_path)[0]["status"] == "waits for a human"
    (page,) = (tmp_path / "reports").iterdir()
    assert "without what is read by a human" in page.read_text()


def test_points_beyond_the_question_are_refused(tmp_path):
    with pytest.raises(LessonError, match="'5' is not a number from 0 to 4"):
        written_question(tmp_path, "5")


def respelled(out, spell):
    """Save manual.csv as a spreadsheet would, and return what was saved."""
    table = out / "manual.csv"
    saved = spell(table.read_text())
    table.write_bytes(saved if isinstance(saved, bytes) else saved.encode())
    return table.read_bytes()


def test_a_table_of_a_european_spreadsheet_is_understood(tmp_path):
    written_question(tmp_path, "2.5")
    respelled(tmp_path, lambda text: text.replace(",", ";").replace("2.5;", '"2,5";'))
    write_outputs(tmp_path)
    assert [row["raw_score"] for row in rows(tmp_path)] == ["5.5"]
    assert rows(tmp_path, "manual.csv")[0]["comment"] == "good"


@pytest.mark.parametrize(
    ("spell", "said"),
    [
        (lambda text: text.replace("points", "marks"), "has no column points"),
        (lambda text: text.replace("2.5", "2,5"), "line 2: 7 fields"),
        (lambda text: text.replace("good", "gr\xfcn").encode("latin-1"), "UTF-8"),
    ],
    ids=["head", "comma", "encoding"],
)
def test_a_table_that_is_not_understood_is_left_as_it_is(tmp_path, spell, said):
    written_question(tmp_path, "2.5")
    saved = respelled(tmp_path, spell)
    with pytest.raises(LessonError, match=said):
        write_outputs(tmp_path)
    assert (tmp_path / "manual.csv").read_bytes() == saved


def test_who_is_in_the_roster_and_handed_in_nothing_has_a_row_for_each(tmp_path):
    append_result(tmp_path, result("ada"))
    append_result(tmp_path, result("bob", assignment="06"))
    people = tmp_path / "people.csv"
    people.write_text("student_id,last_name\nada,Lovelace\neve,Moneypenny\n")
    said = write_outputs(tmp_path, roster=people)
    assert said == [f"not in {people}: bob"]
    seen = {(r["student_id"], r["assignment"]): r for r in rows(tmp_path)}
    assert seen["ada", NAME]["last_name"] == "Lovelace"
    assert seen["eve", "06"]["status"] == "not handed in"
    absent = [w for w, r in seen.items() if r["status"] == "not handed in"]
    assert sorted(absent) == [("ada", "06"), ("eve", NAME), ("eve", "06")]


def test_of_two_copies_the_newer_counts_whatever_is_named_first(tmp_path):
    for folder, content, when in (("a", BLANK, 1_000), ("b", SOLVED, 2_000)):
        path = tmp_path / folder / "ada" / f"{NAME}.ipynb"
        for each in (path, tmp_path / folder / f"bob_{folder}" / path.name):
            each.parent.mkdir(parents=True)
            each.write_bytes(content)
            os.utime(each, (when, when))
    for paths in ([tmp_path / "a", tmp_path / "b"], [tmp_path / "b", tmp_path / "a"]):
        found = {each.student: each for each in find_submissions(paths, [NAME])}["ada"]
        assert found.content == SOLVED
        (note,) = found.notes
        assert note.startswith("also handed in, older")
        assert str(tmp_path / "a") in note


def test_only_nbgraders_own_note_of_the_time_counts(tmp_path):
    collected = tmp_path / "submitted" / "ada" / NAME
    forged = tmp_path / "class" / "eve"
    for folder in (collected, forged, tmp_path / "class" / "bob"):
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(SOLVED)
        (folder / "timestamp.txt").write_text("2020-01-01 10:00:00 UTC")
    found = find_submissions([tmp_path / "submitted", tmp_path / "class"], [NAME])
    times = {each.student: each.timestamp for each in found}
    assert times["ada"] == "2020-01-01T10:00:00+00:00"
    assert times["eve"] > "2026"
    (collected / "timestamp.txt").write_text("yesterday")
    (found,) = find_submissions([tmp_path / "submitted"], [NAME])
    assert found.timestamp > "2026"


def test_a_resumed_batch_remembers_when_it_was_due(handed_in, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["grade", str(handed_in), "--out", str(out), "--jobs", "1"]
    assert main([*command, "--late", "10%-a-day"]) == 2
    assert "needs --due" in capsys.readouterr().err
    assert not out.exists()
    asked = ["--late", "zero", "--due", "03=2020-01-01", "--due", "06=2030-01-01"]
    assert main([*command, *asked]) == 0
    assert set(grades(out).values()) == {0.0}
    assert main([*command, "--resume"]) == 0
    assert set(grades(out).values()) == {0.0}
    pages = "".join(path.read_text() for path in (out / "reports").iterdir())
    assert pages.count(f"{POINTS:g} points less") == 3
    assert main([*command, "--resume", "--late", "none"]) == 0
    assert grades(out) == EXPECTED


def test_the_summary_names_what_could_not_be_read(handed_in, tmp_path, capsys):
    (handed_in / "s0" / f"{NAME}.ipynb").write_text("words")
    out = tmp_path / "out"
    command = ["grade", str(handed_in / "s0"), "--out", str(out), "--jobs", "1"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "0 graded" in said
    assert "Sandbox: not needed" in said
    assert f"{NAME}.ipynb: the file is no notebook" in said
    assert rows(out)[0]["status"] == "unreadable"


def test_a_result_is_a_line_of_json(handed_in, tmp_path):
    append_result(tmp_path, {"assignment": "a", "student": "\ud800", "n": 1})
    (line,) = (tmp_path / "results.jsonl").read_text().splitlines()
    assert json.loads(line)["n"] == 1
