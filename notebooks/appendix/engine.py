"""How does an engine serve the folder that our own workers serve?

Ray starts replicas of our app, hands each request to one of them, and starts another
when one has died. It lies apart from the lesson's packages: see engine.md beside this.
In a terminal: python notebooks/appendix/engine.py FOLDER --replicas 2
"""

import argparse
import os
import secrets
import socket
import tempfile
import threading
from contextlib import suppress

from a2wsgi import WSGIMiddleware

from lessonlib.save.artifacts import load_model
from lessonlib.serve.worker import app_of

for name, value in {
    "RAY_USAGE_STATS_ENABLED": "0",  # it reports to nobody
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # its parts meet on this computer only
    "RAY_AUTH_MODE": "token",  # and each must know a word that nobody else knows
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}.items():
    os.environ.setdefault(name, value)

import ray  # noqa: E402 - it reads its settings when it is imported
from ray import serve  # noqa: E402


def deployment(folder: str, *, replicas: int, counts: str) -> serve.Application:
    """Return our app as Ray shall run it. `counts` is a folder for /metrics."""

    def app():  # called in each replica
        os.makedirs(counts, exist_ok=True)  # on another computer it may be missing
        return WSGIMiddleware(app_of(folder))

    shared = {"env_vars": {"PROMETHEUS_MULTIPROC_DIR": counts}}
    return serve.deployment(
        serve.ingress(app)(),
        num_replicas=replicas,
        ray_actor_options={"num_cpus": 1, "runtime_env": shared},
    ).bind()


def main() -> None:
    """Serve a saved model from replicas until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python engine.py")
    parser.add_argument("folder", help="where save_model has put the model")
    parser.add_argument("--replicas", type=int, default=2, help="processes (2)")
    parser.add_argument("--port", type=int, default=0, help="a free one, if left out")
    options = parser.parse_args()
    model, folder = load_model(options.folder), os.path.abspath(options.folder)
    with socket.create_server(("127.0.0.1", options.port)) as free:
        port = free.getsockname()[1]
    with suppress(KeyboardInterrupt), tempfile.TemporaryDirectory() as counts:
        try:
            ray.init(include_dashboard=False, log_to_driver=False)
            if options.replicas > (there := int(ray.cluster_resources()["CPU"])):
                parser.error(f"each replica books a processor, and there are {there}")
            serve.start(
                http_options={"host": "127.0.0.1", "port": port},
                logging_config={"enable_access_log": False},
            )
            serve.run(deployment(folder, replicas=options.replicas, counts=counts))
            print(f"{options.replicas} replicas of {model}")
            print(f"answering at http://127.0.0.1:{port}; Ctrl+C ends them", flush=True)
            threading.Event().wait()
        finally:
            serve.shutdown()
            ray.shutdown()


if __name__ == "__main__":
    main()
