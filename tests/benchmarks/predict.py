"""How much sooner does FastPredictor answer one row, and is it the same answer?

python tests/benchmarks/predict.py [--rows 400] [--peers]

Each row of load_digits (1,797 rows, 64 columns) and of load_breast_cancer (569 rows, 30
columns) is asked for alone. Times are medians; the predictors take turns, each with a
few rows at a time: the first rows of a turn find the processor's caches taken.
"bits" counts rows of the whole data set with an answer that differs in any bit. With
--peers also ONNX Runtime and treelite (GTIL), and their greatest difference from
predict_proba; they are installed in a folder of their own under build/.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time

import numpy as np
from apart import python_with
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from lessonlib.serve.predictors import FastPredictor

PACKAGES = ["onnxruntime==1.32.0", "skl2onnx==1.20.0", "treelite==4.8.1"]
MODELS = {
    "forest, 100 trees": RandomForestClassifier(100, random_state=0),
    "extra trees, 100": ExtraTreesClassifier(100, random_state=0),
    "scaler + forest": make_pipeline(
        StandardScaler(), RandomForestClassifier(100, random_state=0)
    ),
    "one tree": DecisionTreeClassifier(random_state=0),
    "StandardScaler + linear": make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=5000)
    ),
    "MinMaxScaler + linear": make_pipeline(
        MinMaxScaler(), LogisticRegression(max_iter=5000)
    ),
}


def onnx(model, columns):
    """Return a predict_proba of ONNX Runtime, on one thread."""
    import onnxruntime
    from skl2onnx import to_onnx

    sample = np.zeros((1, columns), dtype=np.float32)
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    converted = to_onnx(model, sample, options={id(last): {"zipmap": False}})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        converted.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda rows: session.run(None, {"X": rows.astype(np.float32)})[1]


def gtil(model, columns):
    """Return a predict_proba of treelite's own reader, for forests."""
    import treelite

    if not hasattr(model, "estimators_"):
        return None
    packed = treelite.sklearn.import_model(model)
    return lambda rows: treelite.gtil.predict(packed, rows, nthread=1)[:, 0]


def race_us(works, rows) -> dict[str, float]:
    """Return each work's median microseconds a row; each takes 20 rows a turn."""
    times_ns: dict[str, list[int]] = {name: [] for name in works}
    for start in range(0, len(rows), 20):
        for name, work in works.items():
            for row in rows[start : start + 20]:
                began = time.perf_counter_ns()
                work(row)
                times_ns[name].append(time.perf_counter_ns() - began)
    return {name: statistics.median(each) / 1000 for name, each in times_ns.items()}


def main() -> None:
    """Print a line for each data set and model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=400, help="rows of the race")
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    if options.peers and not importlib.util.find_spec("onnxruntime"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        python = python_with(PACKAGES, "predictors", ours_too=True)
        command = [python, __file__, *sys.argv[1:]]
        sys.exit(subprocess.run(command).returncode)
    peers = {"ONNX Runtime": onnx, "treelite": gtil} if options.peers else {}
    print("| data | model | scikit-learn us | fast us | ratio | bits | peers |")
    print("|---|---|---|---|---|---|---|")
    for data, load in (("digits", load_digits), ("cancer", load_breast_cancer)):
        X, y = load(return_X_y=True)
        rows = [row.copy() for row in np.split(X, len(X))]
        for name, model in MODELS.items():
            model.fit(X, y)
            fast = FastPredictor.from_sklearn(model, X[:20])
            expected = [model.predict_proba(row) for row in rows]
            pairs = zip(rows, expected, strict=True)
            bits = sum(fast.predict_proba(r).tobytes() != e.tobytes() for r, e in pairs)
            works = {"model": model.predict_proba, "fast": fast.predict_proba}
            made = {peer: make(model, X.shape[1]) for peer, make in peers.items()}
            works |= {peer: work for peer, work in made.items() if work}
            us = race_us(works, rows[: options.rows])
            said = [
                f"{peer} {us[peer]:.0f} us, off by "
                f"{np.abs(works[peer](X) - np.concatenate(expected)).max():.1e}"
                for peer in list(works)[2:]
            ]
            line = f"{us['model']:.0f} | {us['fast']:.1f} | "
            line += f"{us['model'] / us['fast']:.0f} | {bits} of {len(X):,}"
            print(f"| {data} | {name} | {line} | {'; '.join(said)} |", flush=True)


if __name__ == "__main__":
    main()
