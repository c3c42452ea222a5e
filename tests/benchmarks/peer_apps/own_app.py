"""Our own server with another predict: a constant, a model in batches, or alone."""

import os
import sys

from lessonlib.mail import arriving_bags
from lessonlib.save.artifacts import load_model
from lessonlib.serve.batching import MicroBatcher
from lessonlib.serve.server import Server
from lessonlib.serve.worker import Switch, signed_app


def main(kind: str) -> None:
    """Serve at $PORT until stdin ends or a signal comes."""
    switch, model = Switch("model"), load_model("model")
    ready = model(arriving_bags()[7].X[:1])
    predict = {
        "constant": lambda rows: ready,
        "batched": MicroBatcher(model),
        "unbatched": model,
    }[kind]
    switch.app = signed_app(predict, model.manifest, monitor=switch.monitor)
    if kind == "constant":
        switch.app.config["PREDICT_BATCHED"] = lambda rows: ready.repeat(
            len(rows), axis=0
        )
    threads = 0 if kind == "constant" else 64
    Server(
        switch, name=kind, threads=threads, port=int(os.environ["PORT"])
    )._loop.join()


if __name__ == "__main__":
    main(sys.argv[1])
