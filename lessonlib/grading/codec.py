"""Which values cross between a checker and a learner's process, and as what?

Values of builtin types and numpy's arrays cross as they are. Anything else stays where
it is, and the other side gets its number: a *handle*. Nothing is unpickled, ever.
"""

import base64
import builtins
import dataclasses
import importlib
import json
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from lessonlib.grading.channel import Malformed

MOST_DIGITS = 4000  # of a whole number: Python reads no longer ones from text
_DTYPE = re.compile(r"[<>|=][biufcSUmM]\d+(\[\w+\])?")
_EXACT: tuple[tuple[str, type], ...] = (
    ("l", list), ("t", tuple), ("s", set), ("z", frozenset),
)  # fmt: skip


class Codec:
    """Values to JSON and back. `kept` holds our objects that the other side may name.

    `make_proxy(number, names)` makes what stands for an object of the other side, whose
    classes have these names. `trusting` is for the learner's process only: it builds
    the lesson's dataclasses that the checker sends.
    """

    def __init__(self, make_proxy: Callable[[int, list[str]], Any], *, trusting: bool):
        self.kept: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._proxies: dict[int, Any] = {}
        self._make_proxy, self.trusting = make_proxy, trusting

    # -- to JSON

    def encode(self, value: Any) -> Any:
        """Return `value` as JSON's types. What does not cross by value is kept."""
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind is int and abs(value) < 10**MOST_DIGITS:
            return value
        if kind is float:
            return value if math.isfinite(value) else {"f": repr(value)}
        if kind is bytes:
            return {"b": base64.b64encode(value).decode()}
        for tag, exact in _EXACT:
            if kind is exact:
                return {tag: [self.encode(item) for item in value]}
        if kind is dict:
            pairs = [[self.encode(k), self.encode(v)] for k, v in value.items()]
            return {"d": pairs}
        if value is Ellipsis:
            return {"e": 0}
        if kind in (np.ndarray, *_SCALARS) and _DTYPE.fullmatch(value.dtype.str):
            raw = base64.b64encode(value.tobytes()).decode()
            shape = list(value.shape) if kind is np.ndarray else None
            return {"n": [value.dtype.str, shape, raw]}
        number = getattr(type(value), "proxy_number", None)
        if number is not None:
            return {"o": number(value)}
        if isinstance(value, PurePath):
            return {"p": str(value)}
        if kind is type and value in _BUILTIN_TYPES.values():
            return {"y": value.__name__}
        if isinstance(value, BaseException):
            return {"x": self.encode_error(value)}
        return self._encode_object(value)

    def _encode_object(self, value: Any) -> Any:
        if not self.trusting:  # the checker lends a function to call, and nothing else
            if dataclasses.is_dataclass(value) and not isinstance(value, type):
                fields = {f.name: getattr(value, f.name) for f in _fields(value)}
                return {"c": [_name(type(value)), self.encode(fields)]}
            if not callable(value):
                raise TypeError(f"{type(value).__name__} cannot cross: use colocate()")
        else:
            plain = _plainer(value)
            if plain is not value:
                return self.encode(plain)
        number = self._numbers.setdefault(id(value), len(self._numbers) + 1)
        self.kept[number] = value  # kept alive, so that no other gets its id
        return {"h": [number, [_name(kind) for kind in type(value).__mro__]]}

    def encode_error(self, error: BaseException) -> dict[str, Any]:
        """Return an exception by its classes' names, its arguments and attributes."""
        try:
            text = str(error)
        except Exception as worse:
            text = f"its text cannot be read: {type(worse).__name__}"
        attributes = {n: v for n, v in vars(error).items() if _is_plain(v)}
        return {
            "names": [_name(kind) for kind in type(error).__mro__],
            "args": self.encode(
                error.args if _is_plain(error.args) else (text[:2000],)
            ),
            "attributes": self.encode(attributes),
        }

    # -- from JSON

    def decode(self, content: Any) -> Any:
        """Return the value, or raise Malformed."""
        try:
            return self._decode(content)
        except Malformed:
            raise
        except (
            ArithmeticError, AttributeError, ImportError, LookupError, MemoryError,
            RecursionError, TypeError, ValueError,
        ) as error:  # fmt: skip
            raise Malformed(f"{type(error).__name__}: {error}") from None

    def _decode(self, content: Any) -> Any:
        if not isinstance(content, dict):
            if isinstance(content, list):
                raise Malformed("a list without a tag")
            return content
        ((tag, inside),) = content.items()
        for name, exact in _EXACT:
            if tag == name:
                return exact(self._decode(item) for item in inside)
        match tag:
            case "d":
                return {self._decode(k): self._decode(v) for k, v in inside}
            case "f":
                return float(inside)
            case "b":
                return base64.b64decode(inside, validate=True)
            case "e":
                return Ellipsis
            case "n":
                return _array(*inside)
            case "p":
                return Path(inside)
            case "y":
                return _BUILTIN_TYPES[inside]
            case "x":
                return self.decode_error(inside)
            case "o":
                return self.kept[inside]
            case "h":
                number, names = inside
                if number not in self._proxies:
                    made = self._make_proxy(int(number), [str(name) for name in names])
                    self._proxies[number] = made
                return self._proxies[number]
            case "c" if self.trusting:
                name, fields = inside
                return _lesson_class(name)(**self._decode(fields))
        raise Malformed(f"no value has the tag {tag!r}")

    def decode_error(self, content: Any) -> Exception:
        """Return an exception of the nearest class that this side knows."""
        names = [str(name) for name in content["names"]]
        known = next(filter(None, map(_known_error, names)), Exception)
        name = names[0].rpartition(".")[2][:80]
        kind = known if known.__name__ == name else type(name, (known,), {})
        args = self.decode(content["args"])
        try:
            error = kind.__new__(kind, *args)
        except TypeError:  # UnicodeDecodeError wants five
            error = Exception.__new__(type(name, (Exception,), {}))
        error.args = args
        for attribute, value in self.decode(content["attributes"]).items():
            if str(attribute).isidentifier() and not attribute.startswith("_"):
                setattr(error, attribute, value)
        return error


_BUILTIN_TYPES = {n: v for n, v in vars(builtins).items() if isinstance(v, type)}
_SCALARS = tuple(
    {np.dtype(code).type for code in np.typecodes["All"] if code not in "OV"}
)


def _plainer(value: Any) -> Any:
    """Return a learner's value of a class made from a builtin one as the builtin one.

    It is what it is, not what its methods say.
    """
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return np.array(value, subok=False)
    for exact, read in _PLAINER:
        if isinstance(value, exact):
            return read(value)
    return value


_PLAINER: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, lambda value: int.__index__(value)),
    (float, lambda value: float.__float__(value)),
    (str, lambda value: str.__getitem__(value, slice(None))),
    (bytes, lambda value: bytes.__getitem__(value, slice(None))),
    (list, lambda value: list(list.__iter__(value))),
    (tuple, lambda value: tuple(tuple.__iter__(value))),
    (set, lambda value: set(set.__iter__(value))),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    (dict, lambda value: dict(dict.items(value))),
)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str, bytes)


def _fields(value: Any) -> list[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(value) if field.init]


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _array(dtype: str, shape: list[int] | None, raw: str) -> Any:
    if not _DTYPE.fullmatch(dtype):
        raise Malformed(f"no dtype of ours: {dtype!r:.40}")
    values = np.frombuffer(base64.b64decode(raw, validate=True), dtype=np.dtype(dtype))
    return values.reshape(shape).copy() if shape is not None else values.reshape(())[()]


def _lesson_class(name: str) -> Any:
    module, _, name = name.rpartition(".")
    if not module.startswith("lessonlib."):
        raise Malformed(f"{module} is not of the lesson")
    return getattr(importlib.import_module(module), name)


def _known_error(name: str) -> type[Exception] | None:
    module, _, name = name.rpartition(".")
    known: Any = getattr(sys.modules.get(module), name, None)
    if module != "builtins" and not module.startswith("lessonlib."):
        return json.JSONDecodeError if name == "JSONDecodeError" else None
    is_one = isinstance(known, type) and issubclass(known, Exception)
    return known if is_one else None
