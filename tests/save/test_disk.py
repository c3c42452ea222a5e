"""Does a bad name, a link, or a full disk cost a sentence, and never a model?"""

import json
import os
from dataclasses import fields

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from small_disk import fill, small_disk

from lessonlib.errors import ArtifactError
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.save.manifest import Manifest, read_manifest
from lessonlib.save.registry import Registry

X = np.eye(2)
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has other names")


def constant(number):
    return DummyRegressor(strategy="constant", constant=number).fit(X, X[0])


def answer(model):
    return float(model(X[:1]).predictions[0])


class Payload:
    """What leaves a trace when it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return open, (str(self.trace), "w")


# -- each field of the manifest


def other_values(value):
    """Yield values of the same type and of others, none of them `value`."""
    yield from (None, True, 0, 1.5, "another", [], ["x"], {}, {"a": 1}, [[0]], -1)
    yield from (
        "../x",
        "/etc",
        "C:\\x",
        "con",
        "",
        "x" * 5000,
        "a\0b",
        "a\nb",
        "\ud800",
    )
    if isinstance(value, str):
        yield from (value[:-1], value + " ", value.upper() + "x")


def odd_texts(text):
    """Yield what may be made of a manifest's text, and what it is then."""
    known = json.loads(text)
    for name, value in known.items():
        for other in other_values(value):
            if json.dumps(other) != json.dumps(value):
                yield f"{name}: {other!r:.20}", json.dumps(known | {name: other})
        less = {key: known[key] for key in known if key != name}
        yield f"no {name}", json.dumps(less)
        # what Python's reader takes is the last: it is as it was, and yet refused
        twice = f'{{"{name}": 3, ' + text.strip()[1:]
        yield f"{name} twice", twice
        yield (
            f"{name} twice, equal",
            f'{{"{name}": {json.dumps(value)}, {text.strip()[1:]}',
        )
    yield "a field more", json.dumps(known | {"extra": 1})
    columns = [{"name": "x0"} | known["columns"][0] | {"extra": 1}]
    yield "a field more of a column", json.dumps(known | {"columns": columns})
    yield "twice in a column", text.replace('"kind":', '"kind": "text", "kind":', 1)


def test_each_field_of_a_manifest_is_looked_at_before_anything_is_unpickled(tmp_path):
    folder, trace = tmp_path / "m", tmp_path / "trace"
    kept = {"data": (X, X[0]), "metrics": {"accuracy": 0.5}}
    save_model(constant(1.0), folder, example=X, **kept)
    path = folder / "manifest.json"
    text, names = path.read_text(), {each.name for each in fields(Manifest)}
    assert {*json.loads(text)} == names | {"seal"}
    (model,) = folder.glob("model-*")
    import joblib

    joblib.dump(Payload(trace), model)
    tried = 0
    for name, odd in odd_texts(text):
        path.write_text(odd)
        for use in (read_manifest, load_model):
            with pytest.raises(ArtifactError, match="save.* again") as seen:
                use(folder)
            assert "\n" not in str(seen.value), name
        tried += 1
    assert tried > 300 and not trace.exists()
    path.write_text(text)
    with pytest.raises(ArtifactError, match="has changed since it was saved"):
        load_model(folder)
    assert not trace.exists()
    joblib.load(model).close()
    assert trace.exists()  # it would have told


# -- names of folders


@pytest.mark.parametrize("name", ["", b"", "a\0b", "\udcff", os.sep], ids=repr)
def test_a_folder_without_a_name_that_can_be_sent_is_refused(
    tmp_path, monkeypatch, name
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="a folder's name becomes its model's"):
        save_model(constant(1.0), name, example=X)
    with pytest.raises(ValueError, match="give another"):
        Registry(name)
    assert not list(tmp_path.iterdir())


@POSIX
@pytest.mark.parametrize(
    "name", ["C:\\x", "con", "a\nb", " ", "-", "naïve", "x.", "100%", "../beside"]
)
def test_any_other_name_is_a_models_name(tmp_path, name):
    (tmp_path / "here").mkdir()
    folder = tmp_path / "here" / name
    saved = save_model(constant(1.0), folder, example=X)
    assert saved.name == os.path.basename(os.path.normpath(folder))
    assert load_model(folder).manifest == saved
    registry = Registry(folder.parent / "registry" / name)
    registry.promote(registry.add(constant(2.0), example=X))
    assert answer(registry.current()) == 2


@POSIX
def test_a_name_that_the_disk_does_not_take_is_said(tmp_path):
    with pytest.raises(ArtifactError, match="cannot be changed .*too long"):
        save_model(constant(1.0), tmp_path / ("x" * 300), example=X)
    with pytest.raises(ArtifactError, match="cannot be changed .*too long"):
        Registry(tmp_path / ("x" * 300)).add(constant(1.0), example=X)
    with pytest.raises(ArtifactError):
        load_model(tmp_path / ("x" * 300))
    (tmp_path / "file").write_text("a file")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ArtifactError):
            save_model(constant(1.0), folder, example=X)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# -- names of versions, and links


@pytest.fixture
def two(tmp_path):
    """A registry with two versions, the first of which is current, and their names."""
    registry = Registry(tmp_path / "registry")
    names = [registry.add(constant(n), example=X).version for n in (1.0, 2.0)]
    registry.promote(names[0])
    return registry, names


ODD_VERSIONS = [
    *("../x", "/etc", "C:\\x", "con", "", ".", "..", "x" * 5000, "a\0b", "\n"),
    *("{}\n", "{}/", "./{}", "{}/../{}", "../registry/{}", " {}", "\ud800", "*", "{}*"),
    *(None, 7, 1.5, True, [], {}, ["{}"], b"{}", np.array(["a", "b"])),
]


def test_what_is_no_version_is_refused_and_the_current_one_stays(two, tmp_path):
    registry, (first, _) = two
    before = everything(tmp_path)
    for odd in ODD_VERSIONS:
        odd = odd.replace("{}", first) if isinstance(odd, str) else odd
        for action in (registry.load, registry.promote):
            with pytest.raises(ArtifactError, match=f"it has .*{first}"):
                action(odd)
    assert everything(tmp_path) == before
    assert answer(registry.current()) == 1


def everything(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def test_a_parent_of_any_name_is_only_told(tmp_path):
    registry, parents = (
        Registry(tmp_path / "registry"),
        [*ODD_VERSIONS[:11], 7, [], b"x"],
    )
    for parent in parents:
        registry.add(constant(1.0), example=X, parent=parent)
    assert [event.before for event in registry.history()] == [*map(str, parents)]
    assert [path.name for path in tmp_path.iterdir()] == ["registry"]


def link(path, to):
    try:
        path.symlink_to(to, target_is_directory=to.is_dir())
    except OSError:
        pytest.skip("this system lets nobody make links")


def test_no_version_is_added_through_a_link(two, tmp_path):
    registry, names = two
    (tmp_path / "outside").mkdir()
    version = save_model(constant(3.0), tmp_path / "aside", example=X).version
    link(registry.folder / version, tmp_path / "outside")
    before = registry.history()
    with pytest.raises(ArtifactError, match="is a link"):
        registry.add(constant(3.0), example=X)
    assert not list((tmp_path / "outside").iterdir())
    assert (registry.history(), registry.current_version) == (before, names[0])


def test_no_history_is_written_through_a_link(two, tmp_path):
    registry, names = two
    (tmp_path / "diary").write_text("dear diary")
    (registry.folder / "history.jsonl").unlink()
    link(registry.folder / "history.jsonl", tmp_path / "diary")
    for action in (
        lambda: registry.promote(names[1]),
        lambda: registry.add(constant(3.0), example=X),
    ):
        with pytest.raises(ArtifactError, match="is a link"):
            action()
    assert (tmp_path / "diary").read_text() == "dear diary"
    assert registry.current_version == names[0]


def test_a_pointer_that_is_a_link_is_replaced_and_not_what_it_leads_to(two, tmp_path):
    registry, names = two
    pointer = registry.folder / "current.json"
    pointer.rename(tmp_path / "elsewhere.json")
    link(pointer, tmp_path / "elsewhere.json")
    assert registry.current_version == names[0]
    registry.promote(names[1])
    assert registry.current_version == names[1] and not pointer.is_symlink()
    assert json.loads((tmp_path / "elsewhere.json").read_text())["version"] == names[0]


@pytest.mark.parametrize("what", ["a folder", "a link to nothing"])
def test_a_pointer_that_is_no_file_is_not_taken_for_none(two, tmp_path, what):
    registry, _ = two
    pointer = registry.folder / "current.json"
    pointer.unlink()
    if what == "a folder":
        pointer.mkdir()
    else:
        link(pointer, tmp_path / "nowhere")
    for action in (registry.current, registry.rollback, lambda: repr(registry)):
        with pytest.raises(ArtifactError, match=r"current\.json"):
            action()


@pytest.mark.parametrize(
    "content",
    [
        '{"version": "@", "version": "#", "before": []}',
        '{"version": "@", "before": [], "before": ["#"]}',
        *('{"version": "@", "before": [3]}', '{"version": "@", "before": {}}'),
        *('{"version": ["@"], "before": []}', '{"version": "@"}', '{"before": []}'),
        *("\ufeff{}", "[" * 100_000, '"@"', "null", "\0", "NaN"),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_a_pointer_that_says_something_else_is_named(two, content):
    registry, (first, second) = two
    text = content.replace("@", first).replace("#", second)
    (registry.folder / "current.json").write_text(text, encoding="utf-8")
    for action in (registry.current, registry.rollback):
        with pytest.raises(ArtifactError, match="is no pointer .*promote a version"):
            action()


@pytest.mark.parametrize(
    "line",
    [
        *(b"\xff\xfe", b"\0", b"[]", b"null", b'{"at": 1}', b"{" * 100_000),
        b'{"at": "1", "action": "add", "version": "x", "before": null, "why": ""}',
        b'{"at": 1, "action": "add", "version": ["x"], "before": null, "why": ""}',
        b'{"at": 1, "action": "add", "version": {}, "before": null, "why": ""}',
    ],
    ids=repr,
)
def test_a_line_of_the_history_that_is_none_costs_only_itself(two, line):
    registry, names = two
    with open(registry.folder / "history.jsonl", "ab") as file:
        file.write(b"\n" + line)
    registry.promote(names[1])
    actions = [event.action for event in registry.history()]
    assert actions == ["add", "add", "promote", "promote"]
    assert [each.version for each in registry.versions()] == names


@pytest.mark.parametrize(
    "why", ["a\nb", "\ud800", "\u2028", '"', None, 3, ["x"]], ids=repr
)
def test_any_reason_is_kept(two, why):
    registry, names = two
    registry.promote(names[1], why=why)
    assert registry.history()[-1].why == str(why)


# -- a disk that refuses


@pytest.mark.parametrize("leave_kb", [0, 4, 8, 12])
def test_on_a_full_disk_all_stays_as_it_was(tmp_path, leave_kb):
    with small_disk(tmp_path, size_kb=400):
        registry, folder = Registry(tmp_path / "registry"), tmp_path / "m"
        names = [registry.add(constant(n), example=X).version for n in (1.0, 2.0)]
        registry.promote(names[0])
        save_model(constant(1.0), folder, example=X)
        ballast = fill(tmp_path, leave_bytes=1024 * leave_kb)
        for action, state in (
            (lambda: registry.promote(names[1]), lambda: registry.current_version),
            (lambda: registry.add(constant(3.0), example=X), registry.versions),
            (
                lambda: save_model(constant(4.0), folder, example=X),
                lambda: read_manifest(folder).version,
            ),
        ):
            before, told = state(), registry.history()
            try:
                action()
            except ArtifactError as error:
                assert "cannot be changed" in str(error) and "room" in str(error)
                assert (state(), registry.history()) == (before, told)
        assert answer(load_model(folder)) in (1, 4)
        assert answer(registry.current()) in (1, 2)
        ballast.unlink()
        registry.promote(names[0])
        registry.promote(names[1])
        assert answer(registry.current()) == 2


@pytest.mark.parametrize("step", ["builtins.open", "os.replace", "os.fsync"])
def test_whatever_the_disk_refuses_nothing_has_changed(two, monkeypatch, step):
    registry, names = two
    registry.promote(names[1])
    before = registry.current_version, registry.versions(), registry.history()

    def refuse(*args, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(step, refuse)
        for action in (
            lambda: registry.promote(names[0]),
            registry.rollback,
            lambda: registry.add(constant(3.0), example=X),
        ):
            with pytest.raises(ArtifactError, match="No space left .* is there room"):
                action()
    after = registry.current_version, registry.versions(), registry.history()
    assert after == before
    assert registry.rollback() == names[0]
