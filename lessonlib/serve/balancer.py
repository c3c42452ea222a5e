"""How do several machines look like one?

A load balancer stands in front of them and hands each request to the next machine. One
that does not answer is left in peace for a while, and another is asked: so a machine
may fail, or be taken away for repair, and no caller notices.
"""

import itertools
import time
from collections.abc import Sequence

import requests
from flask import Flask, Response, jsonify, request
from requests.adapters import HTTPAdapter

_TIMEOUT_S = 5.0  # for one machine to answer
_OF_THE_CONNECTION = {"connection", "transfer-encoding", "content-encoding", "server"}
_PASSED_ON = {"Authorization", "Content-Type", "X-Request-Id"}


class Machines:
    """Addresses of servers with the same model, and which of them rest."""

    def __init__(self, urls: Sequence[str], *, rest_s: float = 1.0):
        if not urls:
            raise ValueError("a balancer needs the address of a machine, got none")
        self.urls, self.rest_s = tuple(urls), rest_s
        self._turn = itertools.count()
        self._rests_until = dict.fromkeys(self.urls, 0.0)

    def in_turn(self) -> list[str]:
        """Return whom to ask, in this order: the next first, those who rest last."""
        n, now = next(self._turn) % len(self.urls), time.monotonic()
        turned = self.urls[n:] + self.urls[:n]
        return sorted(turned, key=lambda url: self._rests_until[url] > now)

    def rest(self, url: str) -> None:
        """Leave a machine in peace, as it does not answer."""
        self._rests_until[url] = time.monotonic() + self.rest_s

    def __repr__(self) -> str:
        resting = sum(end > time.monotonic() for end in self._rests_until.values())
        return f"{len(self.urls)} machines, {resting} of them at rest"


def balancing_app(machines: Machines) -> Flask:
    """Return an app that passes each request on to one of `machines`.

    If that one does not answer, the next is asked the same: a prediction changes
    nothing, so it may be asked twice. What changes something is never asked twice.
    If none answers, the reply is status 503.
    """
    app, session = Flask("balancer"), requests.Session()
    session.trust_env = False  # no proxy of the environment
    session.mount("http://", HTTPAdapter(pool_maxsize=64))

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def pass_on(path: str) -> Response | tuple[Response, int]:
        harmless = request.method == "GET" or path == "predict"
        for url in machines.in_turn():
            try:
                reply = session.request(
                    request.method,
                    f"{url}/{path}",
                    params=request.query_string,
                    data=request.get_data(),
                    headers={k: v for k, v in request.headers if k in _PASSED_ON},
                    timeout=_TIMEOUT_S,
                )
                return _as_it_came(reply)
            except requests.RequestException:
                machines.rest(url)
                if not harmless:
                    break
        message = "no machine answers; ask again in a moment"
        return jsonify(error={"code": "no_machine", "message": message}), 503

    return app


def _as_it_came(reply: requests.Response) -> Response:
    kept = {
        k: v for k, v in reply.headers.items() if k.lower() not in _OF_THE_CONNECTION
    }
    return Response(reply.content, reply.status_code, kept)
