"""Can a host be tried out on this computer?

nginx runs with the site that `deploy` wrote, at a free port of 127.0.0.1, with a
certificate made on the spot. Where there is no nginx a stand-in of Python's plays its
part: it speaks TLS, passes requests on and keeps a log, but knows no limits.
"""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import trustme
from werkzeug.serving import WSGIRequestHandler, make_server

from lessonlib.errors import LessonError, ServerError
from lessonlib.serve.balancer import Machines, balancing_app
from lessonlib.serve.server import HOST
from lessonlib.serve.visit import AccessLog, Visit

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_LIMIT_S = 30
_MAIN = """
{user}
daemon off;
worker_processes 2;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}}
"""
# Runs a program until stdin ends, as it does with this process, however that ends.
_WITH_US = """
import subprocess, sys, threading
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
stop = lambda: (sys.stdin.read(), program.terminate())
threading.Thread(target=stop, daemon=True).start()
program.wait()
"""


@dataclass(frozen=True)
class Front:
    """A program that strangers ask: it answers at `url` until `stop()`.

    Callers trust `authority`, the file with the certificate of whoever vouches for it.
    `log` is its access log: a JSON object a line.
    """

    program: str
    url: str
    authority: str
    log: Path
    _afterwards: ExitStack = field(repr=False)

    def stop(self) -> None:
        """Answer nobody any more. A second call does nothing."""
        self._afterwards.close()

    def __enter__(self) -> "Front":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def front_of(deployed: str | Path, service_url: str) -> Front:
    """Return nginx, or its stand-in, in front of the service at `service_url`.

    nginx has the site of a folder that `deploy` wrote, but for where the service is.
    """
    if NGINX:
        site = (Path(deployed) / "nginx.conf").read_text("utf-8")
        upstream = re.findall(r"server 127[0-9.]+:[0-9]+", site)
        here = f"server {service_url.removeprefix('http://')}"
        return nginx(deployed, changes=dict.fromkeys(upstream, here))
    return tls_server(balancing_app(Machines([service_url])), program="stand-in")


def nginx(
    deployed: str | Path, *, changes: Mapping[str, str] = MappingProxyType({})
) -> Front:
    """Return nginx with the site that `deploy` wrote, at ports and paths of its own.

    `changes` are texts of the site, and what stands there instead. Raises ServerError
    if nginx does not start.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(_new_folder())
        authority, chain = make_certificate(folder)
        http, https = _free_ports(2)
        site = (Path(deployed) / "nginx.conf").read_text("utf-8")
        here = {
            r" *listen \[::\].*\n": "",
            r"listen 80;": f"listen {HOST}:{http};",
            r"listen 443 ssl;": f"listen {HOST}:{https} ssl;",
            r"/etc/letsencrypt/\S+\.pem": str(chain),
            r"/var/log/nginx/\S+": "access.log",
        }
        for old, new in (here | {re.escape(k): v for k, v in changes.items()}).items():
            site, n = re.subn(old, lambda _, new=new: new, site)  # type: ignore[misc]
            if n == 0:
                raise ValueError(f"the site has no {old!r}")
        (folder / "site.conf").write_text(site, encoding="utf-8")
        as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        main = _MAIN.format(user="user root;" if as_root else "")
        (folder / "main.conf").write_text(main, encoding="utf-8")
        words = [str(NGINX), "-p", f"{folder}/", "-c", "main.conf", "-e", "error.log"]
        process = subprocess.Popen(
            [sys.executable, "-c", _WITH_US, *words], stdin=subprocess.PIPE
        )
        stack.callback(_end, process)
        if not _listens(https, process):
            why = (folder / "error.log").read_text("utf-8")[-300:]
            raise ServerError(f"nginx does not start: {why}")
        log, url = folder / "access.log", f"https://{HOST}:{https}"
        return Front("nginx", url, str(authority), log, stack.pop_all())


def tls_server(app: Any, *, program: str = "server") -> Front:
    """Return a server of Python's that speaks TLS for `app`."""
    with ExitStack() as stack:
        folder = stack.enter_context(_new_folder())
        authority, chain = make_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        log = folder / "access.log"
        logged = _Logged(app, AccessLog(stack.enter_context(log.open("a"))))
        options: Any = {"threaded": True, "ssl_context": context}
        server = make_server(HOST, 0, logged, request_handler=_Quiet, **options)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://{HOST}:{server.port}"
        return Front(program, url, str(authority), log, stack.pop_all())


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Return the files of an authority, and of a host's key with its certificate.

    The certificate is for 127.0.0.1, and of an authority that nobody knows.
    """
    authority, chain = folder / "authority.pem", folder / "host.pem"
    chain.touch(mode=0o600)  # there is a private key in it
    made = trustme.CA()
    made.cert_pem.write_to_path(str(authority))
    issued = made.issue_cert(HOST).private_key_and_cert_chain_pem
    issued.write_to_path(str(chain))
    return authority, chain


def log_entry(log: str | Path, request_id: str) -> dict[str, Any]:
    """Return the line of an access log about a request. It is written after the reply.

    Raises LessonError if it does not come.
    """
    deadline_s = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline_s:
        for line in Path(log).read_text("utf-8").splitlines():
            if request_id in line:
                return json.loads(line)
        time.sleep(0.01)
    raise LessonError(f"{log} has no request {request_id}")


def free_port() -> int:
    """Return a port of this computer that nobody listens at just now."""
    return _free_ports(1)[0]


def _free_ports(n: int) -> list[int]:
    with ExitStack() as stack:  # all are held until the last is found: no one twice
        listeners = [socket.create_server((HOST, 0)) for _ in range(n)]
        for listener in listeners:
            stack.enter_context(listener)
        return [listener.getsockname()[1] for listener in listeners]


class _Quiet(WSGIRequestHandler):
    """Writes nothing to the notebook: `_Logged` keeps the log."""

    def log(self, *words: Any) -> None:
        pass


class _Logged:
    """An app whose requests stand in an access log."""

    def __init__(self, app: Any, log: AccessLog):
        self._app, self._log = app, log

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        words = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        visit = Visit(*words, request_id=environ.get("HTTP_X_REQUEST_ID", ""))

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            size = int(dict(headers).get("Content-Length", 0))
            kept: Any = {"size_bytes": size, "version": ""}
            self._log.write(visit, status=int(status[:3]), **kept)
            return start_response(status, headers, *error)

        return self._app(environ, start)


@contextmanager
def _new_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="front-"))  # nobody else may look into it
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(_LIMIT_S)


def _listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    deadline_s = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with suppress(ConnectionRefusedError):
            socket.create_connection((HOST, port)).close()
            return True
        time.sleep(0.02)
    return False
