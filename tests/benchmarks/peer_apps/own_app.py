"""Our own server with another predict: a constant, a model in batches, or alone."""

import asyncio
import os
import socket
import sys

from lessonlib.mail import arriving_bags
from lessonlib.save.answers import Answers, answering
from lessonlib.save.artifacts import load_model
from lessonlib.serve.server import HOST
from lessonlib.serve.worker import Worker


def main(kind: str) -> None:
    """Serve at $PORT until a signal comes."""
    worker, model = Worker("model"), load_model("model")
    first = model(arriving_bags()[7].X[:1])

    def constant(rows):
        n = len(rows)
        return Answers(first.predictions.repeat(n), first.probabilities.repeat(n, 0))

    predict = constant if kind == "constant" else model
    contract = worker.app.contract
    contract.ask, contract.ask_apart = answering(predict), None
    if kind == "unbatched":
        worker.app.max_batch = 1
    listener = socket.create_server((HOST, int(os.environ["PORT"])), backlog=1024)
    asyncio.run(worker.serve([listener]))


if __name__ == "__main__":
    main(sys.argv[1])
