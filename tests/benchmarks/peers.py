"""Which servers are compared, how is each started, and which settings did best?"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from apart import ROOT, python_with

APPS = Path(__file__).parent / "peer_apps"
PACKAGES = {
    "fastapi": ["fastapi==0.165.0", "uvicorn[standard]==0.54.0"],
    "people": ["fastapi==0.165.0", "uvicorn[standard]==0.54.0", "pandas==3.1.1"],
    "litserve": ["litserve==0.2.19"],
    "bentoml": ["bentoml==1.4.39"],
    # its worker processes need an older uvloop than it asks for
    "mlserver": ["mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop==0.21.0"],
    "mlflow": ["mlflow==3.17.2"],
    "flask": ["flask==3.1.3"],
    "onnx": [
        "granian[uvloop]",
        "uvicorn[standard]==0.54.0",
        "fastapi==0.165.0",
        "msgspec",
        "onnxruntime",
        "skl2onnx",
    ],
}
OURS = {"ours", "own_app"}
_WITH_A_COMMAND = {"onnx", "people"}  # as their words have it
# the same versions as here, so that all answer alike
SHARED = ["scikit-learn==1.9.1", "numpy==2.4.6", "joblib"]
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


@dataclass(frozen=True)
class Client:
    """How one row is asked for, and where the answer is."""

    body: Callable[[np.ndarray], Any]
    probabilities: Callable[[Any], Any]
    path: str = "/predict"


ROWS = Client(lambda row: {"rows": [row.tolist()]}, lambda said: said["probabilities"])
RECORDS = Client(lambda row: {"records": [row]}, lambda said: said["probabilities"])
BENTO = Client(lambda row: {"rows": [row.tolist()]}, lambda said: said)
V2 = Client(
    lambda row: {
        "inputs": [
            {
                "name": "predict",
                "shape": [1, len(row)],
                "datatype": "FP64",
                "data": row.tolist(),
            }
        ],
        "outputs": [{"name": "predict_proba"}],
    },
    lambda said: said["outputs"][0]["data"],
    "/v2/models/digits/infer",
)
MLFLOW = Client(
    lambda row: {"inputs": [row.tolist()]},
    lambda said: said["predictions"],
    "/invocations",
)


@dataclass(frozen=True)
class Peer:
    """A server with its settings: what is started, and how it is asked."""

    kind: str  # of PACKAGES, or "ours"
    setting: str
    client: Client = ROWS
    words: tuple[str, ...] = ()  # of its command
    options: Mapping[str, Any] = field(default_factory=dict)
    fast: bool = False  # our FastPredictor instead of the model

    @property
    def label(self) -> str:
        return f"{self.kind}{' + FastPredictor' if self.fast else ''}, {self.setting}"

    @property
    def python(self) -> str:
        if self.kind in OURS:
            return sys.executable
        return str(ROOT / "build" / "peers" / self.kind / "bin" / "python")

    def command(self, port: int, folder: Path) -> list[str]:
        """Return the command that serves at `port`, with the models of `folder`."""
        at = ["--host", "127.0.0.1", "--port", str(port)]
        words = {
            "ours": ["lessonlib.serve.workers", "model", "--port", str(port)],
            "own_app": ["own_app"],
            "fastapi": ["uvicorn", "fastapi_app:app", *at, "--no-access-log"],
            "bentoml": ["bentoml", "serve", "bentoml_app:Digits", *at],
            "mlserver": ["mlserver", "start", str(folder / f"mlserver-{port}")],
            "mlflow": ["mlflow", "models", "serve", "-m", "mlflow", *at]
            + ["--env-manager", "local"],
            "litserve": ["litserve_app"],
            "flask": ["flask_app"],
        }.get(self.kind, [*self.words[:1], *at])
        if self.kind == "mlserver":
            _mlserver_folder(folder, port, self.options)
        start = [self.python, "-m"]
        if self.kind in ("bentoml", "mlserver", "mlflow"):  # commands, no modules
            start, words = [], [str(Path(self.python).with_name(words[0])), *words[1:]]
        return [*start, *words, *self.words[self.kind in _WITH_A_COMMAND :]]

    def environment(self, port: int, folder: Path) -> dict[str, str]:
        """Return what it finds in its environment."""
        return _ONE_THREAD | {
            "PYTHONPATH": os.pathsep.join(map(str, (APPS, APPS.parent, ROOT))),
            "MODEL": str(folder / "model.joblib"),
            "GOLDEN": str(folder / "golden.npy"),
            "FAST": "1" if self.fast else "0",
            "PORT": str(port),
            "OPTIONS": json.dumps(self.options),
            "BENTOML_DO_NOT_TRACK": "True",
            "PATH": f"{Path(self.python).parent}{os.pathsep}{os.environ['PATH']}",
            **{key: str(value) for key, value in self.options.items() if key.isupper()},
        }


def _mlserver_folder(folder, port, options):
    here = folder / f"mlserver-{port}"
    here.mkdir()
    options = dict(options)
    settings = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": 0,  # a free one
        "metrics_endpoint": None,
        "debug": False,
        "parallel_workers": options.pop("parallel_workers"),
    }
    model = {
        "name": "digits",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(folder / "model.joblib")},
        **options,
    }
    (here / "settings.json").write_text(json.dumps(settings))
    (here / "model-settings.json").write_text(json.dumps(model))


def install(kinds: set[str]) -> None:
    """Put each kind into an environment of its own, once."""
    for kind in sorted(kinds - OURS):
        python_with([*PACKAGES[kind], *SHARED], kind)


def ours(processes: int) -> Peer:
    """Return our own server: the one command of lessonlib.serve.workers."""
    return Peer(
        "ours",
        f"{processes} process{'es' * (processes > 1)}",
        words=("--workers", f"{processes}"),
    )


def own_app(kind: str) -> Peer:
    """Return our server with another predict: constant, batched or unbatched."""
    return Peer("own_app", kind, words=(kind,))


def fastapi(setting: str, *words: str, fast: bool = False, **options: Any) -> Peer:
    return Peer("fastapi", setting, ROWS, words, options, fast)


def litserve(
    size: int, wait_s: float, *, workers: int = 1, doors: int = 1, fast: bool = False
) -> Peer:
    api = {"max_batch_size": size, "batch_timeout": wait_s} if size > 1 else {}
    setting = f"batch {size}, {1000 * wait_s:g} ms, {workers} workers, {doors} doors"
    options = {
        "api": api,
        "workers_per_device": workers,
        "run": {"num_api_servers": doors, "log_level": "error"},
    }
    return Peer("litserve", setting, ROWS, (), options, fast)


def bentoml(size: int, wait_ms: int, *, workers: int = 1) -> Peer:
    api = {"batchable": True, "max_batch_size": size, "max_latency_ms": wait_ms}
    setting = f"batch {size}, {wait_ms} ms, {workers} workers"
    options = {"service": {"workers": workers}, "api": api if size > 1 else {}}
    return Peer("bentoml", setting, BENTO, (), options)


def mlserver(size: int, wait_s: float, *, workers: int = 1) -> Peer:
    options = {"max_batch_size": size, "max_batch_time": wait_s} if size > 1 else {}
    setting = f"batch {size}, {1000 * wait_s:g} ms, {workers} workers"
    return Peer("mlserver", setting, V2, (), options | {"parallel_workers": workers})


def mlflow(workers: int) -> Peer:
    return Peer("mlflow", f"{workers} workers", MLFLOW, ("--workers", str(workers)))


def onnx(setting: str, *words: str) -> Peer:
    """Return ONNX Runtime behind a server that a good engineer would choose."""
    return Peer("onnx", setting, ROWS, words)


def by_name(peer: Peer) -> Peer:
    """Return a peer that is sent records, and not rows."""
    return replace(peer, client=RECORDS)


FASTAPI_BY_NAME = Peer(
    "people", "FastAPI and pydantic, 2 processes", RECORDS,
    ("uvicorn", "--workers", "2", "--no-access-log", "--log-level", "error",
     "fastapi_people_app:app"),
)  # fmt: skip
FLASK = Peer("flask", "its own server")
BY_HAND = [
    onnx("granian and msgspec, 2 processes", "granian", "--interface", "asgi",
         "--workers", "2", "--loop", "uvloop", "--no-ws", "--log-level", "error",
         "onnx_app:app"),
    onnx("uvicorn and msgspec, 2 processes", "uvicorn", "--workers", "2",
         "--no-access-log", "--log-level", "error", "onnx_app:app"),
    onnx("FastAPI, 2 processes", "uvicorn", "--workers", "2", "--no-access-log",
         "--log-level", "error", "fastapi_onnx_app:app"),
]  # fmt: skip

# What `serving.py tune` tries. The first of each kind did best.
SETTINGS = {
    "fastapi": [
        fastapi("async, 2 processes", "--workers", "2"),
        fastapi("async, 1 process"),
        fastapi("threads, 1 process", THREADS=1),
        fastapi("threads, 2 processes", "--workers", "2", THREADS=1),
    ],
    "litserve": [
        litserve(64, 0.005, doors=2),
        litserve(64, 0.005),
        litserve(64, 0.001),
        litserve(32, 0.005),
        litserve(64, 0.010),
        litserve(64, 0.001, workers=2),
        litserve(64, 0.001, doors=2),
        litserve(1, 0),
    ],
    "bentoml": [
        bentoml(64, 1000),
        bentoml(64, 200),
        bentoml(32, 1000),
        bentoml(64, 1000, workers=2),
        bentoml(1, 0),
    ],
    "mlserver": [
        mlserver(64, 0.005, workers=0),
        mlserver(64, 0.005),
        mlserver(64, 0.001),
        mlserver(32, 0.005),
        mlserver(64, 0.005, workers=2),
        mlserver(1, 0),
    ],
    "mlflow": [mlflow(2), mlflow(1)],
    "flask": [FLASK],
}
