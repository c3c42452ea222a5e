"""Which code does a model's file need?

A file holds the names of classes and functions, never their code: whoever reads it back
has to have the same modules.
"""

import pickle
from types import BuiltinFunctionType, FunctionType, SimpleNamespace
from typing import Any

import numpy as np


class _Names(pickle.Pickler):
    """Notes what it would write as a name; what it writes goes nowhere."""

    def __init__(self) -> None:
        super().__init__(SimpleNamespace(write=len))
        self.found: dict[str, str] = {}  # a module, and one of its names

    def persistent_id(self, obj: Any) -> None:
        """Look at an object that is about to be written."""
        if isinstance(obj, type | FunctionType | BuiltinFunctionType | np.ufunc):
            module = getattr(obj, "__module__", None) or "builtins"
            self.found.setdefault(module, obj.__name__)


def imports_of(model: Any) -> dict[str, str]:
    """Return the modules that a model's file imports, each with a name from it.

    Raises what `pickle` raises if the model does not fit into a file.
    """
    names = _Names()
    names.dump(model)
    return names.found
