import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LogisticRegression

from lessonlib.errors import ArtifactError
from lessonlib.save import artifacts
from lessonlib.save.columns import Column
from lessonlib.save.manifest import read_manifest
from lessonlib.save.registry import Registry

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
Y = np.array([0, 0, 1, 1])


def constant(number):
    """Return a model that always answers `number`."""
    return DummyRegressor(strategy="constant", constant=number).fit(X, Y)


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "northgate")


@pytest.fixture
def three(registry):
    """A registry with three versions, whose models answer 1, 2 and 3."""
    return registry, [registry.add(constant(n), example=X) for n in (1, 2, 3)]


def answer(model):
    return float(model(X[:1]).predictions[0])


def damage(registry, version):
    (path,) = registry.folder.glob(f"{version}/model-*.joblib")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def everything(registry):
    """Return the content of every file of a registry, by its path."""
    paths = registry.folder.rglob("*")
    return {path: path.read_bytes() for path in paths if path.is_file()}


# -- add


def test_a_new_registry_is_empty_and_touches_no_disk(registry):
    assert (registry.versions(), registry.history()) == ((), ())
    assert registry.current_version is None
    assert not registry.folder.exists()


def test_an_added_model_lies_in_a_folder_of_its_version_under_the_registrys_name(
    registry,
):
    manifest = registry.add(constant(4), example=X)
    assert read_manifest(registry.folder / manifest.version) == manifest
    assert manifest.name == "northgate"
    assert answer(registry.load(manifest.version)) == 4
    assert registry.current_version is None, "added is not promoted"


def test_add_keeps_what_save_model_keeps(registry):
    manifest = registry.add(
        LogisticRegression().fit(X, Y),
        example=X,
        columns=[Column("width", low=0), Column("height")],
        data=(X, Y),
        metrics={"accuracy": 1},
    )
    assert manifest.columns == (Column("width", low=0), Column("height"))
    assert manifest.data == artifacts.fingerprint(X, Y)
    assert manifest.metrics == {"accuracy": 1.0}
    assert registry.versions() == (manifest,)


def test_the_same_bytes_are_the_same_version_and_renew_the_manifest(registry):
    first = registry.add(constant(4), example=X)
    again = registry.add(constant(4), example=X, metrics={"error": 0.5})
    assert again.version == first.version
    assert registry.versions() == (again,)


def test_adding_again_mends_a_damaged_version(registry):
    version = registry.add(constant(4), example=X).version
    damage(registry, version)
    with pytest.raises(ArtifactError, match="has changed"):
        registry.load(version)
    registry.add(constant(4), example=X)
    assert answer(registry.load(version)) == 4


def test_an_add_that_fails_leaves_nothing(registry):
    with pytest.raises(ValueError, match="1 columns are given, but the example has 2"):
        registry.add(constant(4), example=X, columns=[Column("width")])
    assert list(registry.folder.iterdir()) == []


def test_versions_come_in_the_order_of_their_first_add(three):
    registry, manifests = three
    registry.add(constant(1), example=X)
    assert registry.versions() == tuple(manifests)
    (registry.folder / "history.jsonl").unlink()
    by_name = sorted(manifests, key=lambda manifest: manifest.version)
    assert registry.versions() == tuple(by_name)


# -- promote


def test_the_promoted_version_is_current_also_for_another_reader(three):
    registry, (first, second, _) = three
    registry.promote(first)
    registry.promote(second.version)
    other = Registry(registry.folder)
    assert other.current_version == second.version
    assert answer(other.current()) == 2


def test_without_a_promotion_current_says_what_there_is(three):
    registry, manifests = three
    with pytest.raises(ArtifactError, match=f"promoted yet.*{manifests[0].version}"):
        registry.current()


@pytest.mark.parametrize("harm", ["damage", "remove", "swap"])
def test_a_version_that_fails_a_check_is_refused_and_nothing_changes(three, harm):
    registry, (first, second, third) = three
    registry.promote(first)
    folder = registry.folder / second.version
    if harm == "damage":
        damage(registry, second.version)
    elif harm == "remove":
        (folder / f"golden-{second.version}.json").unlink()
    else:
        for path in (registry.folder / third.version).iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
    before = everything(registry)
    with pytest.raises(ArtifactError):
        registry.promote(second)
    assert everything(registry) == before
    assert answer(registry.current()) == 1


@pytest.mark.parametrize("version", ["12345678", "", "..", "../northgate", None])
def test_an_unknown_version_is_refused_with_what_there_is(three, version):
    registry, manifests = three
    with pytest.raises(ArtifactError, match=f"it has .*{manifests[0].version}"):
        registry.promote(version)


def test_a_path_out_of_the_registry_is_no_version(three, tmp_path):
    registry, _ = three
    artifacts.save_model(constant(9), tmp_path / "outside", example=X)
    with pytest.raises(ArtifactError, match="no version"):
        registry.load("../outside")


def test_a_crash_at_the_pointer_leaves_the_old_one(three, monkeypatch):
    registry, (first, second, _) = three
    registry.promote(first)

    def crash(*paths):
        raise OSError("power cut")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(ArtifactError, match="power cut"):
        registry.promote(second)
    assert registry.current_version == first.version
    assert not list(registry.folder.glob("*.partial"))


# -- rollback


def test_rollback_goes_back_one_by_one_and_then_refuses(three):
    registry, manifests = three
    for manifest in manifests:
        registry.promote(manifest)
    assert registry.rollback() == manifests[1].version
    assert registry.rollback() == manifests[0].version
    with pytest.raises(ArtifactError, match="no version was current before"):
        registry.rollback()
    assert registry.current_version == manifests[0].version


def test_what_was_rolled_back_does_not_come_back_by_rollback(three):
    registry, (first, bad, third) = three
    registry.promote(first)
    registry.promote(bad)
    registry.rollback()
    registry.promote(third)
    assert registry.rollback() == first.version


def test_promoting_the_current_version_again_changes_nothing(three):
    registry, (first, second, _) = three
    registry.promote(first)
    registry.promote(second)
    before = everything(registry)
    registry.promote(second)
    assert everything(registry) == before
    assert registry.rollback() == first.version


def test_a_rolled_back_model_answers_to_the_last_bit(registry):
    old = registry.add(LogisticRegression().fit(X, Y), example=X)
    registry.promote(old)
    then = registry.current()(X).probabilities.tobytes()
    registry.promote(registry.add(LogisticRegression(C=9).fit(X, Y), example=X))
    assert registry.current()(X).probabilities.tobytes() != then
    registry.rollback()
    assert registry.current()(X).probabilities.tobytes() == then


def test_rollback_to_a_damaged_version_is_refused_and_nothing_changes(three):
    registry, (first, second, _) = three
    registry.promote(first)
    registry.promote(second)
    damage(registry, first.version)
    before = everything(registry)
    with pytest.raises(ArtifactError, match="has changed"):
        registry.rollback()
    assert everything(registry) == before


@pytest.mark.parametrize(
    "content",
    [
        *("", "{}", "[]", '{"version"', '{"version": 3, "before": []}'),
        '{"version": "12345678", "before": 5}',
        '{"version": "12345678", "before": "12345678"}',
    ],
)
def test_a_broken_pointer_is_an_artifact_error_that_names_it(three, content):
    registry, (first, *_) = three
    registry.promote(first)
    (registry.folder / "current.json").write_text(content)
    for action in (registry.current, registry.rollback):
        with pytest.raises(ArtifactError, match=r"current\.json is no pointer"):
            action()


@pytest.mark.parametrize("version", ["../outside", "/", "12345678", "", "current.json"])
def test_a_pointer_out_of_the_registry_is_followed_nowhere(three, tmp_path, version):
    registry, _ = three
    artifacts.save_model(constant(9), tmp_path / "outside", example=X)
    pointer = {"version": version, "before": [version]}
    (registry.folder / "current.json").write_text(json.dumps(pointer))
    for action in (registry.current, registry.rollback):
        with pytest.raises(ArtifactError, match="no version"):
            action()


def test_a_link_to_another_model_is_not_that_version(three, tmp_path):
    registry, (first, second, _) = three
    place = registry.folder / second.version
    place.rename(tmp_path / "aside")
    try:
        place.symlink_to(registry.folder / first.version, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    with pytest.raises(ArtifactError, match="holds another version"):
        registry.promote(second)


# -- several at once, and power cuts


def test_who_promotes_at_once_takes_turns(three):
    registry, manifests = three
    registry.promote(manifests[0])

    def promote(k):
        for i in range(10):
            Registry(registry.folder).promote(manifests[(k + i) % 3], why=f"{k}")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(promote, k) for k in range(4)]:
            done.result()
    swaps = [event for event in registry.history() if event.action != "add"]
    chain = [(swap.before, swap.version) for swap in swaps]
    assert all(was[1] == now[0] for was, now in pairwise(chain))  # none was lost
    pointer = json.loads((registry.folder / "current.json").read_bytes())
    assert [*pointer["before"], pointer["version"]] == [swap.version for swap in swaps]


KILLED = """
import os, random, signal, sys, time, warnings
import numpy as np
from sklearn.dummy import DummyRegressor
from lessonlib.save.artifacts import load_model, save_model
from lessonlib.save.registry import Registry

warnings.simplefilter("ignore")
X = np.eye(2)
models = [DummyRegressor(strategy="constant", constant=n).fit(X, X[0]) for n in (1, 2)]
folder, registry = sys.argv[1] + "/m", Registry(sys.argv[1] + "/r")
save_model(models[0], folder, example=X)
versions = [registry.add(model, example=X).version for model in models]
registry.promote(versions[0])

def save(i):
    save_model(models[i % 2], folder, example=X)

def promote(i):
    registry.promote(versions[i % 2])

def roll_back(i):
    registry.promote(versions[i % 2])
    registry.rollback()

chance = random.Random(8)
for work in (save, promote, roll_back):
    for _ in range(50):
        child = os.fork()
        if child == 0:
            for i in range(10_000):
                work(i)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for model in (load_model(folder), registry.current()):
            assert model(X).predictions[0] in (1, 2)
    work(1)  # nobody holds the turn of a dead one
    print(work.__name__, len(os.listdir(folder)) if work is save else "")
"""


@pytest.mark.soak
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_kill_at_any_moment_leaves_a_model_that_loads(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout.split() == ["save", "3", "promote", "roll_back"], done.stderr


# -- history


def test_history_tells_what_was_done_and_why(registry):
    first = registry.add(constant(1), example=X)
    second = registry.add(constant(2), example=X, parent=first)
    registry.promote(first)
    registry.promote(second, why="won offline")
    registry.rollback(why="too slow")
    a, b = first.version, second.version
    assert [repr(event) for event in registry.history()] == [
        f"add {a}",
        f"add {b} from {a}",
        f"promote {a}",
        f"promote {b} in place of {a} (won offline)",
        f"rollback {a} in place of {b} (too slow)",
    ]
    times = [event.at for event in registry.history()]
    assert times == sorted(times)


def test_a_line_that_was_cut_short_costs_only_itself(three):
    registry, (first, second, _) = three
    registry.promote(first)
    with open(registry.folder / "history.jsonl", "a", encoding="utf-8") as file:
        file.write('\n{"at": 17, "act')
    registry.promote(second)
    actions = [event.action for event in registry.history()]
    assert actions == ["add", "add", "add", "promote", "promote"]


def test_history_only_grows(three):
    registry, (first, second, _) = three
    path = registry.folder / "history.jsonl"
    seen = b""
    for action in (
        lambda: registry.promote(first),
        lambda: registry.promote(second),
        registry.rollback,
    ):
        action()
        now = path.read_bytes()
        assert now.startswith(seen) and len(now) > len(seen)
        seen = now
    assert all(json.loads(line) for line in seen.decode().splitlines() if line)


def test_a_registry_says_what_it_holds(three):
    registry, (first, *_) = three
    assert repr(registry) == "northgate: 3 versions, current: none"
    registry.promote(first)
    assert repr(registry) == f"northgate: 3 versions, current: {first.version}"
