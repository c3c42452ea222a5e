"""The model behind BentoML, with its batching: bentoml serve bentoml_app:Digits."""

import json
import os

import bentoml
import numpy as np
from loading import predictor

OPTIONS = json.loads(os.environ["OPTIONS"])


@bentoml.service(**OPTIONS["service"])
class Digits:
    """Takes rows, and answers those of several requests together."""

    def __init__(self):
        self.answer = predictor()

    @bentoml.api(**OPTIONS["api"])
    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.answer(np.asarray(rows, dtype=float))
