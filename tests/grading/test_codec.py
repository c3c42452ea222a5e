"""Do values cross as what they are, and is all else refused?"""

import json
import math
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from lessonlib.grading.channel import Malformed
from lessonlib.grading.codec import Codec
from lessonlib.save.columns import Column

VALUES = [
    None, True, 5, -(10**50), 0.1, math.inf, "text", "\ud800", b"\x00bytes", ...,
    [1, [2]], (1, (2,)), {1, 2}, frozenset({3}), {"a": (1,), 2: None},
    Path("a/b"), KeyError, np.float64(0.1), np.int8(3), np.True_, np.str_("x"),
]  # fmt: skip


def pair():
    """Return the codecs of a checker and of a learner's process."""
    return (
        Codec(lambda number, names: ("proxy", number), trusting=False),
        Codec(lambda number, names: ("proxy", number), trusting=True),
    )


def sent(value, sender, receiver):
    return receiver.decode(json.loads(json.dumps(sender.encode(value))))


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values_cross_as_what_they_are(value):
    checker, learner = pair()
    for came in (sent(value, checker, learner), sent(value, learner, checker)):
        assert type(came) is type(value)
        assert came == value


def test_arrays_cross_with_shape_and_type():
    checker, learner = pair()
    for array in (np.arange(6.0).reshape(2, 3), np.array([], dtype="U5"), np.array(1)):
        came = sent(array, learner, checker)
        np.testing.assert_array_equal(came, array)
        assert (came.dtype, came.shape) == (array.dtype, array.shape)


class AlwaysEqual(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


def test_a_learners_subclass_crosses_as_the_value_that_it_is():
    checker, learner = pair()
    came = sent([AlwaysEqual(2), OrderedDict(a=1)], learner, checker)
    assert list(map(type, came)) == [float, dict]
    assert came != [3, {"a": 1}]


def test_other_objects_stay_and_come_back_as_themselves():
    checker, learner = pair()
    thing = object()
    assert sent(thing, learner, checker) == ("proxy", 1)
    assert learner.decode({"o": 1}) is thing


def test_the_checker_lends_functions_and_dataclasses_of_the_lesson_alone():
    checker, learner = pair()
    assert sent(len, checker, learner) == ("proxy", 1)
    feature = Column("weight", low=0, high=30)
    assert sent(feature, checker, learner) == feature
    with pytest.raises(TypeError, match="cannot cross"):
        checker.encode(object())


@pytest.mark.parametrize(
    "content",
    [
        [1], {}, {"q": 1}, {"l": 1, "t": 2}, {"n": ["<f8", [10**12], ""]},
        {"n": ["|O", [1], "AAAA"]}, {"n": ["<f8", [1], "!"]}, {"b": 5}, {"o": 7},
        {"y": "print"}, {"f": "x"}, {"d": [[{"l": []}, 1]]}, {"h": ["x", []]},
        {"c": ["lessonlib.save.artifacts.Feature", {"d": []}]},
    ],
    ids=str,
)  # fmt: skip
def test_the_checker_refuses_what_is_no_value(content):
    with pytest.raises(Malformed):
        pair()[0].decode(content)


def test_depth_ends_in_a_refusal():
    deep = 1
    for _ in range(100_000):
        deep = {"l": [deep]}
    with pytest.raises(Malformed):
        pair()[0].decode(deep)


class Evil(ValueError):
    def __str__(self):
        raise KeyError("no text")


@pytest.mark.parametrize(
    ("error", "kind", "args"),
    [
        (KeyError("a"), KeyError, ("a",)),
        (SystemExit(3), Exception, (3,)),
        (Evil(object()), ValueError, ("its text cannot be read: KeyError",)),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "x"), UnicodeDecodeError, None),
    ],
    ids=["same", "no exception", "evil", "five arguments"],
)
def test_exceptions_cross_by_the_nearest_known_class(error, kind, args):
    checker, learner = pair()
    came = checker.decode_error(json.loads(json.dumps(learner.encode_error(error))))
    assert isinstance(came, kind)
    assert type(came).__name__ == type(error).__name__
    assert args is None or came.args == args
