"""A model that takes its time for each row, and no processor."""

import time
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

ROW_S = 0.04


class Slow(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Says 0 to everything, after a while."""

    def fit(self, X: Any, y: Any) -> "Slow":
        """Learn nothing but which classes there are."""
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the first class for each row, after 40 ms a row."""
        time.sleep(ROW_S * len(X))
        return self.classes_[np.zeros(len(X), dtype=int)]
