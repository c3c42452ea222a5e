"""How does a server of Python's speak TLS, with a certificate made on the spot?"""

import shutil
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from werkzeug.serving import WSGIRequestHandler, make_server

from lessonlib.serve.server import HOST
from lessonlib.serve.visit import AccessLog, Visit


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


def tls_server(app: Any, *, program: str = "server") -> Front:
    """Return a server of Python's that speaks TLS for `app`."""
    with ExitStack() as stack:
        folder = stack.enter_context(new_folder())
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


@contextmanager
def new_folder() -> Iterator[Path]:
    """Yield a folder that nobody else may look into, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="front-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
