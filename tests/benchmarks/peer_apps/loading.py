"""What do the peers serve? The same model, or our FastPredictor around it."""

import os
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np


def predictor() -> Callable[[np.ndarray], Any]:
    """Return predict_proba of the model in $MODEL, or the faster one if $FAST is 1."""
    model = joblib.load(os.environ["MODEL"])
    if os.environ.get("FAST") != "1":
        return model.predict_proba
    from lessonlib.serve.predictors import FastPredictor

    fast = FastPredictor.from_sklearn(model, np.load(os.environ["GOLDEN"]))
    assert fast.path is not None
    return fast.predict_proba
