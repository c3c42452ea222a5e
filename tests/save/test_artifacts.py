import hashlib
import json
import os
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from lessonlib.errors import ArtifactError
from lessonlib.mail import arriving_bags, training_bags
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.save.columns import Column
from lessonlib.save.manifest import (
    fingerprint,
    read_manifest,
    stamped,
    write_manifest,
)
from lessonlib.save.registry import Registry

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
Y = np.array([0, 0, 1, 1])


def classifier():
    return LogisticRegression().fit(X, Y)


def constant(number):
    """Return a model that always answers `number`."""
    return DummyRegressor(strategy="constant", constant=number).fit(X, Y)


def in_fresh_process(code, *words):
    """Return how a new Python ended that ran `code`, with `words` as its arguments."""
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def only(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


def edit_manifest(folder, change):
    """Let `change` alter the fields of the stored manifest, by hand."""
    path = folder / "manifest.json"
    fields = json.loads(path.read_bytes())
    change(fields)
    path.write_text(json.dumps(fields))


def one_bit_off(content, *, step=1):
    """Yield copies of some bytes, each with one bit flipped: the next bit each time."""
    for place in range(0, 8 * len(content), step):
        bad = bytearray(content)
        bad[place // 8] ^= 1 << place % 8
        yield bytes(bad)


# -- there and back


def test_a_loaded_classifier_gives_the_same_probabilities(tmp_path):
    model = classifier()
    save_model(model, tmp_path / "m", example=X)
    answers = load_model(tmp_path / "m")(X)
    assert np.array_equal(answers.probabilities, model.predict_proba(X))
    assert np.array_equal(answers.predictions, model.predict(X))


def test_a_loaded_regressor_gives_the_same_numbers(tmp_path):
    model = LinearRegression().fit(X, [0.5, -2.0, 1e6, 3.0])
    manifest = save_model(model, tmp_path / "m", example=X)
    answers = load_model(tmp_path / "m")(X)
    assert np.array_equal(answers.predictions, model.predict(X))
    assert answers.probabilities is None
    assert manifest.classes is None


@pytest.mark.parametrize("kind", [str, object])
def test_a_classifier_without_probabilities_gives_its_labels(tmp_path, kind):
    names = np.array(["Ash", "Ash", "Elm", "Elm"], dtype=kind)
    model = LinearSVC().fit(X, names)
    manifest = save_model(model, tmp_path / "m", example=X)
    answers = load_model(tmp_path / "m")(X)
    assert answers.predictions.tolist() == model.predict(X).tolist()
    assert answers.probabilities is None
    assert manifest.classes == ("Ash", "Elm")


def test_a_fresh_process_gets_the_same_answers_on_all_arriving_cards(tmp_path):
    past = training_bags()
    model = KNeighborsClassifier(3).fit(past.X, past.y)
    save_model(model, tmp_path / "m", example=past.X[:5])
    code = (
        "import sys; import numpy as np\n"
        "from lessonlib.save.artifacts import load_model\n"
        "model = load_model(sys.argv[1])\n"
        "np.save(sys.argv[2], model(np.load(sys.argv[3])).probabilities)\n"
    )
    rows = np.vstack([bag.X for bag in arriving_bags().values()])
    np.save(tmp_path / "rows.npy", rows)
    files = (tmp_path / "m", tmp_path / "answers.npy", tmp_path / "rows.npy")
    done = in_fresh_process(code, *files)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(np.load(files[1]), model.predict_proba(rows))


def test_an_empty_or_missing_folder_is_told_apart_from_a_model(tmp_path):
    with pytest.raises(ArtifactError, match="no manifest.json"):
        load_model(tmp_path)
    with pytest.raises(ArtifactError, match="no manifest.json"):
        read_manifest(tmp_path / "nowhere")


# -- what the manifest says


def test_the_manifest_that_is_read_is_the_one_that_was_returned(tmp_path):
    limits = [Column("width", low=0, high=4), Column("height")]
    manifest = save_model(
        classifier(),
        tmp_path / "parcels",
        example=X,
        columns=limits,
        data=(X, Y),
        metrics={"accuracy": np.float32(0.5)},
    )
    assert read_manifest(tmp_path / "parcels") == manifest
    assert (manifest.name, manifest.classes) == ("parcels", (0, 1))
    assert manifest.columns == tuple(limits)
    assert manifest.metrics == {"accuracy": 0.5}
    assert manifest.data == fingerprint(X, Y)
    assert "parcels" in repr(manifest) and "2 columns" in repr(manifest)


def test_the_hash_is_of_all_that_decides_an_answer(tmp_path):
    manifest = save_model(classifier(), tmp_path, example=X)
    assert manifest.version == manifest.sha256[:8]
    assert manifest.size_bytes == only(tmp_path, "model-*").stat().st_size
    both = (b"model", b"golden")
    first = stamped(manifest, *both).sha256
    others = [
        stamped(manifest, b"modelg", b"olden"),
        stamped(replace(manifest, classes=(1, 0)), *both),
        stamped(replace(manifest, classes=(False, True)), *both),
        stamped(replace(manifest, classes=(0.0, 1.0)), *both),
        stamped(replace(manifest, classes=("0", "1")), *both),
        stamped(replace(manifest, columns=manifest.columns[::-1]), *both),
        stamped(replace(manifest, form="frame"), *both),
        stamped(replace(manifest, answers="numbers"), *both),
    ]
    assert len({first, *(each.sha256 for each in others)}) == 9
    renewed = replace(manifest, name="n", metrics={"error": 1.0}, data={"rows": 2})
    assert stamped(renewed, *both).sha256 == first


def test_other_columns_are_another_version_and_other_metrics_are_not(tmp_path):
    def saved(**kept):
        return save_model(classifier(), tmp_path / "m", example=X, **kept).version

    limits = [Column("width", high=4), Column("height")]
    assert saved() == saved(metrics={"accuracy": 1}) == saved(data=(X, Y))
    assert len({saved(), saved(columns=limits), saved(columns=limits[::-1])}) == 3


def test_the_same_model_saved_twice_is_the_same_version(tmp_path):
    first, again = (
        save_model(classifier(), tmp_path / name, example=X) for name in ("a", "b")
    )
    other = save_model(constant(1), tmp_path / "c", example=X)
    assert first.version == again.version != other.version


# -- wrong arguments


@pytest.mark.parametrize("example", [X[0], X[:0], 3.0, X[None]])
def test_an_example_that_is_no_table_of_rows_is_refused(tmp_path, example):
    with pytest.raises(ValueError, match=r"example must have shape \(n, k\)"):
        save_model(classifier(), tmp_path / "m", example=example)
    assert not (tmp_path / "m").exists()


def test_an_example_with_other_columns_than_the_model_takes_is_refused(tmp_path):
    with pytest.raises(ValueError, match="3 features"):
        save_model(classifier(), tmp_path / "m", example=np.zeros((2, 3)))
    assert not (tmp_path / "m").exists()


def test_columns_and_those_of_the_example_must_be_equally_many(tmp_path):
    with pytest.raises(ValueError, match="1 columns are given, but the example has 2"):
        save_model(classifier(), tmp_path / "m", example=X, columns=[Column("width")])
    assert not (tmp_path / "m").exists()


# -- damage, and other environments


@pytest.fixture
def never_unpickled(monkeypatch):
    """Let a test fail that unpickles anything from here on."""
    return lambda: monkeypatch.setattr("joblib.load", lambda file: 1 / 0)


@pytest.mark.parametrize("kind", ["model-*", "golden-*"])
def test_a_flipped_bit_in_a_file_is_refused(tmp_path, never_unpickled, kind):
    save_model(classifier(), tmp_path, example=X)
    never_unpickled()
    path = only(tmp_path, kind)
    for bad in one_bit_off(path.read_bytes(), step=17):
        path.write_bytes(bad)
        with pytest.raises(ArtifactError, match="has changed since it was saved"):
            load_model(tmp_path)


def test_a_flipped_bit_in_the_manifest_is_refused_or_says_the_same(
    tmp_path, never_unpickled
):
    manifest = save_model(classifier(), tmp_path, example=X, metrics={"accuracy": 1})
    never_unpickled()
    path, refused = tmp_path / "manifest.json", 0
    damaged = [
        *one_bit_off(path.read_bytes(), step=3)
    ]  # each bit of a byte gets its turn
    for bad in damaged:
        path.write_bytes(bad)
        try:
            assert repr(vars(read_manifest(tmp_path))) == repr(vars(manifest))
        except ArtifactError:
            refused += 1
    assert refused > 0.9 * len(damaged)  # only a blank can be another blank


@pytest.mark.parametrize(
    "change",
    [
        {"name": "another"},
        {"version": "00000000"},
        {"columns": [{"name": "width"}, {"name": "height"}]},
        {"classes": [1, 0]},
        {"classes": [0, 4]},
        {"classes": [False, True]},
        {"classes": [0.0, 1.0]},
        {"sha256": "0" * 64},
        {"size_bytes": 1},
        {"libraries": {"python": "3.11.0"}},
        {"data": {}},
        {"metrics": {"accuracy": 0.99}},
        {"form": "texts"},
        {"answers": "values"},
        {"examples": [[1.0, 0.0]]},
        {"image": [1, 2, 1]},
        {"seal": "0" * 64},
        {"seal": True},
    ],
    ids=str,
)
def test_a_manifest_edited_by_hand_is_refused(tmp_path, never_unpickled, change):
    kept = {"data": (X, Y), "metrics": {"accuracy": 0.5}}
    save_model(classifier(), tmp_path, example=X, **kept)
    edit_manifest(tmp_path, lambda fields: fields.update(change))
    never_unpickled()
    for use in (load_model, read_manifest):
        with pytest.raises(ArtifactError, match="has changed .*save the model again"):
            use(tmp_path)


def test_the_manifest_of_another_model_is_refused(tmp_path, never_unpickled):
    swapped = save_model(constant(1), tmp_path, example=X)
    other = save_model(classifier(), tmp_path / "other", example=X)
    write_manifest(tmp_path, replace(other, version=swapped.version))
    never_unpickled()
    with pytest.raises(ArtifactError, match="has changed since it was saved"):
        load_model(tmp_path)


def test_a_manifest_without_a_seal_is_to_be_saved_again(tmp_path):
    save_model(classifier(), tmp_path, example=X)
    edit_manifest(tmp_path, lambda fields: fields.pop("seal"))
    with pytest.raises(ArtifactError, match="older lessonlib; train and save again"):
        load_model(tmp_path)


def test_a_model_of_an_older_lessonlib_is_loaded(tmp_path):
    manifest = save_model(classifier(), tmp_path, example=X)

    def as_it_was(fields):
        fields["example"] = fields.pop("examples")[0]
        del fields["image"], fields["seal"]
        text = json.dumps(fields, sort_keys=True).encode()
        fields["seal"] = hashlib.sha256(text).hexdigest()

    edit_manifest(tmp_path, as_it_was)
    loaded = load_model(tmp_path).manifest
    assert loaded == replace(manifest, examples=manifest.examples[:1])
    assert loaded.example == manifest.example and loaded.image is None


def test_an_image_is_kept_and_changes_no_version(tmp_path):
    plain = save_model(classifier(), tmp_path / "plain", example=X)
    kept = save_model(classifier(), tmp_path / "image", example=X, image=(1, 2, 9.5))
    assert load_model(tmp_path / "image").manifest.image == kept.image == (1, 2, 9.5)
    assert kept.version == plain.version


def test_an_image_of_another_size_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="2 x 2 needs 4 columns, but a row has 2"):
        save_model(classifier(), tmp_path / "m", example=X, image=(2, 2, 1))
    assert not (tmp_path / "m").exists()


def test_the_first_rows_with_different_answers_are_examples(tmp_path):
    digits = np.arange(8.0).repeat(3)[:, None]
    model = KNeighborsClassifier(1).fit(digits, digits[:, 0])
    manifest = save_model(model, tmp_path, example=digits[1:])
    assert manifest.examples == ((0.0,), (1.0,), (2.0,), (3.0,), (4.0,))
    assert load_model(tmp_path).manifest == manifest


def test_a_manifest_in_another_layout_is_the_same(tmp_path):
    manifest = save_model(classifier(), tmp_path, example=X)
    path = tmp_path / "manifest.json"
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps(dict(reversed(fields.items())), indent=4))
    assert load_model(tmp_path).manifest == manifest


@pytest.mark.parametrize("kind", ["model-*", "golden-*", "manifest.json"])
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path, kind):
    save_model(classifier(), tmp_path, example=X)
    path = only(tmp_path, kind)
    path.unlink()
    path.mkdir()
    with pytest.raises(ArtifactError, match=f"{path.name} cannot be read"):
        load_model(tmp_path)


@pytest.mark.parametrize("kind", ["model-*", "golden-*", "manifest.json"])
@pytest.mark.parametrize("share", [0, 0.5])
def test_a_file_that_was_cut_short_is_refused(tmp_path, kind, share):
    save_model(classifier(), tmp_path, example=X)
    path = only(tmp_path, kind)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ArtifactError):
        load_model(tmp_path)


@pytest.mark.parametrize("kind", ["model-*", "golden-*", "manifest.json"])
def test_a_file_that_is_missing_is_named(tmp_path, kind):
    save_model(classifier(), tmp_path, example=X)
    path = only(tmp_path, kind)
    path.unlink()
    with pytest.raises(ArtifactError, match=f"no {path.name}"):
        load_model(tmp_path)


@pytest.mark.parametrize("library", ["scikit-learn", "numpy", "joblib", "python"])
def test_another_version_of_a_library_is_refused_by_name(tmp_path, library):
    manifest = save_model(classifier(), tmp_path, example=X)
    aged = replace(manifest, libraries=manifest.libraries | {library: "0.1"})
    write_manifest(tmp_path, aged)
    with pytest.raises(ArtifactError, match=f"saved with {library} 0.1, but this is"):
        load_model(tmp_path)


@pytest.mark.parametrize("answers", [[0.0, 1e-6], [0.0], [[0.0], [0.0]], ["0", "0"]])
def test_a_golden_row_that_gets_another_answer_is_refused(tmp_path, answers):
    # as if the libraries had changed what they compute, and nothing else
    save_model(constant(0.0), tmp_path, example=X[:2])
    save_golden(tmp_path, X[:2], answers)
    with pytest.raises(ArtifactError, match="answers its golden rows differently"):
        load_model(tmp_path)


def test_a_golden_label_that_has_changed_is_refused(tmp_path):
    save_model(LinearSVC().fit(X, ["a", "a", "b", "b"]), tmp_path, example=X[:2])
    save_golden(tmp_path, X[:2], ["a", "b"])
    with pytest.raises(ArtifactError, match="answers its golden rows differently"):
        load_model(tmp_path)


def test_the_last_digits_of_a_golden_answer_may_differ(tmp_path):
    save_model(constant(2.0), tmp_path, example=X[:2])
    save_golden(tmp_path, X[:2], [2.0, 2.0 + 1e-12])
    assert load_model(tmp_path)(X[:1]).predictions.tolist() == [2.0]


def save_golden(folder, rows, answers):
    """Put other golden rows in, with a hash that fits them."""
    path = only(folder, "golden-*")
    path.write_text(json.dumps({"rows": rows.tolist(), "predictions": answers}))
    manifest = read_manifest(folder)
    both = only(folder, "model-*").read_bytes(), path.read_bytes()
    digest = stamped(manifest, *both).sha256
    write_manifest(folder, replace(manifest, sha256=digest))


@pytest.fixture
def halving():
    """A model that uses a function, and where the function is put by `place`."""

    def halve(rows):
        return rows / 2

    def place(patch, module):
        halve.__module__, halve.__qualname__ = module, "halve"
        patch.setitem(sys.modules, module, sys.modules.get(module, ModuleType(module)))
        patch.setattr(sys.modules[module], "halve", halve, raising=False)

    return make_pipeline(FunctionTransformer(halve), DummyRegressor()).fit(X, Y), place


def test_a_function_of_a_notebooks_own_is_refused(halving, tmp_path, monkeypatch):
    model, place = halving
    place(monkeypatch, "__main__")
    with pytest.raises(ValueError, match="uses halve, which only .* into a module"):
        save_model(model, tmp_path / "m", example=X)
    assert not (tmp_path / "m").exists()


def test_code_that_is_not_here_is_named(halving, tmp_path, monkeypatch):
    model, place = halving
    with monkeypatch.context() as elsewhere:
        place(elsewhere, "halves")
        save_model(model, tmp_path, example=X)
    with pytest.raises(ArtifactError, match="needs code that is not here.*'halves'"):
        load_model(tmp_path)


def test_a_function_of_a_module_travels_as_its_name(tmp_path):
    model = make_pipeline(FunctionTransformer(np.log1p), LogisticRegression())
    save_model(model.fit(X, Y), tmp_path, example=X)
    assert load_model(tmp_path)(X).probabilities.shape == (4, 2)


# -- crashes, and callers at the same time

SAVE_AND_DIE = """
import os, sys
import numpy as np
from lessonlib.save.artifacts import save_model

class Two:  # nobody will load it, so it needs no scikit-learn
    __module__ = "two"

    def predict(self, rows):
        return 2.0 * np.ones(len(rows))

sys.modules["two"] = sys.modules["__main__"]

replace, left = os.replace, int(sys.argv[2])

def replace_or_die(*paths):
    global left
    if left == 0:
        os._exit(9)  # as if the power failed: no finally, no clean-up
    left -= 1
    replace(*paths)

os.replace = replace_or_die
save_model(Two(), sys.argv[1], example=np.eye(2))
"""


@pytest.mark.parametrize("files_done", [0, 1, 2])
def test_a_process_that_dies_while_it_saves_leaves_the_old_model(tmp_path, files_done):
    save_model(constant(1.0), tmp_path, example=X)
    done = in_fresh_process(SAVE_AND_DIE, tmp_path, files_done)
    assert done.returncode == 9, done.stderr
    assert load_model(tmp_path)(X[:1]).predictions.tolist() == [1.0]
    save_model(constant(3.0), tmp_path, example=X)  # the next save sweeps up
    assert load_model(tmp_path)(X[:1]).predictions.tolist() == [3.0]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_save_that_fails_leaves_the_old_model_and_nothing_partial(
    tmp_path, monkeypatch
):
    save_model(constant(1.0), tmp_path, example=X)

    def full(number):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArtifactError, match="no space .* is there room"):
        save_model(constant(2.0), tmp_path, example=X)
    assert load_model(tmp_path)(X[:1]).predictions.tolist() == [1.0]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_new_model_takes_the_old_ones_place_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "model-card.md").write_text("about the model")
    for number in (1.0, 2.0):
        save_model(constant(number), tmp_path, example=X)
    assert load_model(tmp_path)(X[:1]).predictions.tolist() == [2.0]
    kinds = sorted(path.name[:6] for path in tmp_path.iterdir())
    assert kinds == ["golden", "manife", "model-", "model-"]


@pytest.mark.skipif(os.name == "nt", reason="Windows refuses the save, and says so")
def test_whoever_loads_during_a_save_gets_one_model_or_the_other(tmp_path):
    save_model(constant(0.0), tmp_path, example=X)
    seen, stop = [], threading.Event()

    def load_again_and_again():
        while not stop.is_set():
            try:
                seen.append(load_model(tmp_path)(X[:1]).predictions[0])
            except BaseException as error:  # handed on to the test's own thread
                seen.append(error)
                return

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # DummyRegressor, from two threads
        loader = threading.Thread(target=load_again_and_again)
        loader.start()
        for number in range(1, 30):
            save_model(constant(float(number)), tmp_path, example=X)
        stop.set()
        loader.join(60)
    assert seen and set(map(type, seen)) == {np.float64}, seen[-1]
    assert seen == sorted(seen)  # never back to an older one


def test_four_who_save_in_one_folder_take_turns(tmp_path):
    def save(k):
        for number in range(10 * k, 10 * k + 10):
            save_model(constant(float(number)), tmp_path / "m", example=X)
            load_model(tmp_path / "m")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(save, k) for k in range(4)]:
            done.result()
    assert load_model(tmp_path / "m")(X[:1]).predictions[0] in (9, 19, 29, 39)
    assert len(list((tmp_path / "m").iterdir())) == 3


def test_a_model_answers_and_prints_like_its_manifest(tmp_path):
    model = DummyClassifier(strategy="prior").fit(X, [0, 0, 0, 1])
    manifest = save_model(model, tmp_path, example=X)
    loaded = load_model(tmp_path)
    assert loaded.manifest == manifest and repr(loaded) == repr(manifest)
    assert loaded(X[:1]).probabilities.tolist() == [[0.75, 0.25]]


@pytest.mark.soak
def test_of_two_thousand_damaged_models_none_answers_otherwise(tmp_path):
    model = classifier()
    manifest = save_model(model, tmp_path, example=X, metrics={"accuracy": 1})
    right, refused, same = model.predict_proba(X).tolist(), 0, 0
    for path in [*tmp_path.iterdir()]:
        content = path.read_bytes()
        step = max(1, 8 * len(content) // 667)
        cuts = [content[: k * len(content) // 20] for k in range(20)]
        for bad in [*one_bit_off(content, step=step), *cuts]:
            path.write_bytes(bad)
            try:
                loaded = load_model(tmp_path)
            except ArtifactError:
                refused += 1
            else:  # a blank in the layout of a manifest may be another one
                assert path.name == "manifest.json" and loaded.manifest == manifest
                assert loaded(X).probabilities.tolist() == right
                same += 1
        path.write_bytes(content)
    print(f"{refused + same} damaged models: {refused} refused, {same} the same")
    assert refused + same >= 2000 and refused > 30 * same


SAVE_MANY = """
import sys
import numpy as np
from sklearn.dummy import DummyRegressor
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.save.registry import Registry

X, k = np.eye(2), int(sys.argv[2])
for number in range(10 * k, 10 * k + 10):
    model = DummyRegressor(strategy="constant", constant=number).fit(X, X[0])
    save_model(model, sys.argv[1] + "/m", example=X)
    load_model(sys.argv[1] + "/m")
    registry = Registry(sys.argv[1] + "/r")
    registry.promote(registry.add(model, example=X), why=f"{number}")
"""


@pytest.mark.soak
def test_four_programs_that_save_and_promote_at_once_take_turns(tmp_path):
    programs = [
        subprocess.Popen([sys.executable, "-c", SAVE_MANY, tmp_path, str(k)])
        for k in range(4)
    ]
    assert [program.wait(120) for program in programs] == [0] * 4
    assert load_model(tmp_path / "m")(X[:1]).predictions[0] in (9, 19, 29, 39)
    assert len(list((tmp_path / "m").iterdir())) == 3
    registry = Registry(tmp_path / "r")
    swaps = [event for event in registry.history() if event.action == "promote"]
    assert sorted(int(swap.why) for swap in swaps) == [*range(40)]
    assert len(registry.versions()) == 40
    assert swaps[-1].version == registry.current_version
    assert not list(registry.folder.glob(".new-*"))
