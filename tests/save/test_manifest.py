"""Does a manifest say what it is about, and is what is written whole?"""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from lessonlib.errors import ArtifactError
from lessonlib.save.manifest import (
    fingerprint,
    libraries,
    read_golden,
    read_manifest,
    write_whole,
)

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
Y = np.array([0, 0, 1, 1])


# -- reading it


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"[]",
            b"{}",
            b"\xff",
            b"null",
            b"3",
            b'{"columns": 3}',
            b'{"columns": [{}]}',
        ),
        b'{"classes": ' + b"[" * 100_000,
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_bytes(text)
    with pytest.raises(ArtifactError, match="is no manifest"):
        read_manifest(tmp_path)


def test_golden_answers_keep_their_types():
    golden = read_golden(b'{"rows": [[1], [null]], "predictions": [1, "a"]}')
    assert golden.values == [[1], [None]]
    assert golden.answers.predictions.tolist() == [1, "a"]


def test_a_package_that_is_not_there_is_missing():
    found = libraries(["no-such-package"])
    assert found["no-such-package"] == "missing"
    assert {"python", "scikit-learn", "numpy", "joblib"} <= set(found)


# -- the fingerprint of training data


def test_a_fingerprint_knows_the_rows_the_labels_and_their_order():
    assert fingerprint(X, Y) == fingerprint(X.astype(int), list(Y))
    long_names = ["the town of Northgate, east", "the town of Northgate, west"]
    different = [
        fingerprint(X, Y),
        fingerprint(X[::-1], Y),
        fingerprint(X, Y[::-1]),
        fingerprint(X + 1e-12, Y),
        fingerprint(X[:2], long_names),
        fingerprint(X[:2], long_names[::-1]),
    ]
    assert len({each["sha256"] for each in different}) == len(different)
    assert different[0]["rows"] == 4


def test_a_fingerprint_knows_words_gaps_and_sparse_numbers():
    frame = pd.DataFrame(
        {"town": ["Ash", None], "at": pd.to_datetime(["2026-11-30"] * 2)}
    )
    other = frame.assign(town=["Elm", None])
    sparse = csr_array(X)
    seen = [fingerprint(each, Y[:2])["sha256"] for each in (frame, other)]
    assert seen[0] == fingerprint(frame.copy(), Y[:2])["sha256"] != seen[1]
    assert fingerprint(sparse, Y) == fingerprint(sparse.copy(), Y)
    assert fingerprint(sparse, Y) != fingerprint(2 * sparse, Y)
    assert fingerprint(sparse, Y)["rows"] == 4


# -- writing whole


def test_write_whole_takes_the_old_files_place_at_once(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"old")
    before = path.stat().st_ino
    write_whole(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != before  # another file, not the old one written over
    assert list(tmp_path.iterdir()) == [path]


def test_write_whole_leaves_the_old_file_if_it_cannot_finish(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"old")
    with pytest.raises(TypeError):
        write_whole(path, "text is not bytes")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
