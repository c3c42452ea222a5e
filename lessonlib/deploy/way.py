"""Where does a stranger's wait go?

Whoever asks for the first time opens a connection, agrees on keys for TLS, and then
sends the request.
"""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lessonlib.errors import ServerError


@dataclass(frozen=True)
class FirstRequest:
    """How long each step of a request over a new connection took, in seconds."""

    connect_s: float
    tls_s: float
    answer_s: float  # from the request to the end of its reply


def first_request(
    url: str, *, authority: str, body: Any, headers: Mapping[str, str]
) -> FirstRequest:
    """Post `body` as JSON to an https:// address over a new connection.

    `authority` is the file with the certificate that is trusted. Raises ServerError if
    the reply has not status 200.
    """
    address = urlsplit(url)
    host, port = str(address.hostname), address.port or 443
    context = ssl.create_default_context(cafile=authority)
    began_s = time.perf_counter()
    with socket.create_connection((host, port), timeout=30) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or 40 ms more
        connected_s = time.perf_counter()
        with context.wrap_socket(plain, server_hostname=host) as line:
            agreed_s = time.perf_counter()
            connection = http.client.HTTPConnection(host)
            connection.sock = line
            sent = {"Content-Type": "application/json", **headers}
            connection.request("POST", address.path, json.dumps(body), sent)
            reply = connection.getresponse()
            content = reply.read()
            done_s = time.perf_counter()
    if reply.status != 200:
        raise ServerError(f"{url} gave status {reply.status}: {content[:200]!r}")
    return FirstRequest(
        connected_s - began_s, agreed_s - connected_s, done_s - agreed_s
    )
