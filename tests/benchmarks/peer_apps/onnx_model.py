"""The forest in ONNX Runtime, as a good engineer would have it: 32-bit numbers."""

import os
from collections.abc import Sequence

import joblib
import numpy as np
import onnxruntime
from skl2onnx import to_onnx


def predictor():
    """Return a function of rows, lists of floats, that gives their probabilities."""
    model = joblib.load(os.environ["MODEL"])
    first = np.zeros((1, model.n_features_in_), dtype=np.float32)
    onnx = to_onnx(model, first, options={"zipmap": False}, target_opset=17)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx.SerializeToString(), options)

    def predict(rows: Sequence[Sequence[float]]) -> list[list[float]]:
        seen = np.array(rows, dtype=np.float32)
        return session.run(["probabilities"], {"X": seen})[0].tolist()

    return predict
