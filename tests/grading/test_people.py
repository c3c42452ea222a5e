"""Is somebody one person in the folder, the roster, the tables and the next run?"""

import csv
import json
import os
import unicodedata
import zipfile

import pytest
from command import POINTS
from command import QUICKEST as NAME
from test_intake import FILE, UTC_S, WRITTEN, laid_out, packed
from test_tables import NAMES, result, rows

from lessonlib.authoring.page import ROOT
from lessonlib.errors import LessonError
from lessonlib.grading.__main__ import main
from lessonlib.grading.outputs import append_result, write_outputs
from lessonlib.grading.tables import read_table, write_table

SOLVED = (ROOT / "solutions" / FILE).read_bytes()


def roster(path, *people, columns="student_id,last_name,first_name"):
    path.write_text("\n".join([columns, *people]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("quoted", [True, False])
def test_a_roster_with_such_names_finds_its_people(tmp_path, quoted):
    for name in NAMES:
        append_result(tmp_path, result(name))
    people, columns = tmp_path / "people.csv", ["student_id", "last_name"]
    table = [{"student_id": name, "last_name": f"of {name}"} for name in NAMES]
    if quoted:
        write_table(people, columns, table)
    else:  # as somebody types it
        table = [each for each in table if not each["student_id"].startswith("'")]
        with people.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(table)
    write_outputs(tmp_path, roster=people)
    seen = {row["student_id"]: row for row in read_table(tmp_path / "grades.csv", [])}
    for person in table:
        name = person["student_id"].strip()
        row = seen.get(person["student_id"]) or seen[name]
        assert (row["last_name"], row["status"]) == (person["last_name"], "graded")
    assert len(seen) == len(NAMES)


@pytest.mark.parametrize("student_id", ["Ada Lovelace", "1001", "Ada Lovelace_1001"])
def test_a_platforms_name_is_found_in_the_roster(tmp_path, student_id):
    append_result(tmp_path, result("Ada Lovelace_1001"))
    people = roster(tmp_path / "p.csv", f"{student_id},Lovelace,Ada", "bob,Bo,B")
    assert write_outputs(tmp_path, roster=people) == []
    ada, bob = sorted(rows(tmp_path), key=lambda row: row["last_name"], reverse=True)
    assert (ada["last_name"], ada["status"]) == ("Lovelace", "graded")
    assert bob["status"] == "not handed in"


def test_a_number_of_each_assignment_is_still_one_person(tmp_path):
    append_result(tmp_path, result("Ada Lovelace_1001"))
    append_result(tmp_path, result("Ada Lovelace_2001", assignment="06"))
    people = roster(tmp_path / "people.csv", "Ada Lovelace,Lovelace,Ada")
    assert write_outputs(tmp_path, roster=people) == []
    assert [row["status"] for row in rows(tmp_path)] == ["graded"] * 2


def test_a_repository_of_the_classroom_is_found_by_the_user(tmp_path):
    append_result(tmp_path, result("05-maria"))
    append_result(tmp_path, result("06-maria", assignment="06"))
    append_result(tmp_path, result("05-bob"))
    append_result(tmp_path, result("5-bob"))
    people = roster(tmp_path / "people.csv", "maria,Garcia,Maria", "bob,Bo,B")
    assert write_outputs(tmp_path, roster=people) == [f"not in {people}: 05-bob, 5-bob"]
    assert [row["last_name"] for row in rows(tmp_path)].count("Garcia") == 2


def test_of_two_people_with_one_name_nobody_is_guessed(tmp_path):
    for number in (1001, 1002):
        append_result(tmp_path, result(f"Maria Garcia_{number}"))
    people = roster(tmp_path / "p.csv", "Maria Garcia,Garcia,Maria", "1002,Garcia,M.")
    (said,) = write_outputs(tmp_path, roster=people)
    assert said == f"not in {people}: Maria Garcia_1001"
    seen = {row["student_id"]: row for row in rows(tmp_path)}
    assert seen["Maria Garcia_1001"]["last_name"] == ""
    assert seen["Maria Garcia_1002"]["first_name"] == "M."
    assert seen["Maria Garcia"]["status"] == "not handed in"


def test_two_people_with_one_id_in_the_roster_are_named(tmp_path):
    append_result(tmp_path, result("ada"))
    people = roster(tmp_path / "people.csv", "ada,Lovelace,Ada", "ada,Byron,Ada")
    with pytest.raises(LessonError, match="two people with the student_id 'ada'"):
        write_outputs(tmp_path, roster=people)


def grade(path, out, *options):
    command = ["grade", str(path), "--out", str(out), "--jobs", "1"]
    return main([*command, "--isolation", "off", *options])


def test_a_class_of_odd_names_is_graded_and_continued(tmp_path, capsys):
    spelled = unicodedata.normalize("NFD", "Zo\u00eb")
    files = {f"HW 5/{who}/{FILE}": SOLVED for who in ("=1+1", "'+ada", spelled)}
    files |= {"HW 5/=1+1/notes.docx": b"", f"HW 5/'+ada/{NAME}-2.ipynb": b"words"}
    path, out = laid_out(tmp_path / "class", files), tmp_path / "out"
    os.utime(path / "HW 5" / "'+ada" / f"{NAME}-2.ipynb", (1, 1))
    people = roster(
        tmp_path / "p.csv", "=1+1,One,O", "''+ada,Two,T", "Zo\u00eb,Three,Z"
    )
    assert grade(path, out, "--roster", str(people)) == 0
    said = capsys.readouterr().out
    assert "5 came in: 3 taken, 1 older, 0 unreadable, 1 not ours" in said
    assert "notes.docx: not a notebook" in said
    assert "not in " not in said
    first = rows(out)
    assert [row["last_name"] for row in first] == ["Two", "One", "Three"]
    assert {row["raw_score"] for row in first} == {f"{POINTS:g}"}
    assert len(rows(out, "intake.csv")) == 5
    assert grade(path, out, "--resume", "--json") == 0
    assert json.loads(capsys.readouterr().out)["graded"] == 0
    assert rows(out) == first


def test_a_zone_that_is_said_later_changes_what_is_late(tmp_path, capsys):
    path, out = tmp_path / "class.zip", tmp_path / "out"
    with zipfile.ZipFile(path, "w") as archive:
        for who in ("ada", "bob"):
            archive.writestr(zipfile.ZipInfo(f"x/{who}/{FILE}", WRITTEN), SOLVED)
    late = ["--due", "03=2026-11-30T22:59Z", "--late", "10%-a-day"]
    assert grade(path, out, *late) == 0
    assert (
        "were read as UTC. --zone Europe/Berlin says another" in capsys.readouterr().out
    )
    assert {row["late_submission_penalty"] for row in rows(out)} == {f"{POINTS / 10:g}"}
    for options in (["--zone", "Europe/Berlin"], []):  # which is remembered
        assert grade(path, out, "--resume", *options) == 0
        assert "were read as Europe/Berlin." in capsys.readouterr().out
        assert {row["late_submission_penalty"] for row in rows(out)} == {"0"}
    folder = laid_out(
        tmp_path / "class", {f"{w}/{FILE}": SOLVED for w in ("ada", "bob")}
    )
    for file in folder.rglob("*.ipynb"):
        os.utime(file, (UTC_S, UTC_S))
    assert grade(folder, tmp_path / "unpacked", *late) == 0
    assert "name no zone" not in capsys.readouterr().out
    assert {r["late_submission_penalty"] for r in rows(tmp_path / "unpacked")} == {"0"}


def test_what_cannot_be_placed_is_one_sentence_before_anything_is_written(
    tmp_path, capsys
):
    path = packed({f"submissions/ada/{FILE}": SOLVED}, tmp_path / "class.zip")
    out = tmp_path / "out"
    for options, said in (
        ([], "whose is submissions/ada/"),
        (["--by", "second"], "--by second: say the number of a folder"),
        (["--by", "2", "--zone", "Berlin"], "'Berlin' is no time zone"),
    ):
        assert grade(path, out, *options) == 2
        assert said in capsys.readouterr().err
        assert not out.exists()
    assert grade(path, out, "--by", "2") == 0
    assert [row["student_id"] for row in rows(out)] == ["ada"]
