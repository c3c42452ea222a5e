"""What is known of a request, and written down of it?

Each has an id. A caller, or a proxy, may send its own in X-Request-ID; it comes back in
the reply, stands in the access log, and begins the id under which a prediction is kept.
"""

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import TextIO

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST_CHARACTERS = 200  # of a method or an address, which may be any text
_log = logging.getLogger(__name__)


class Visit:
    """A request, from its arrival until its reply leaves."""

    def __init__(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        authorization: str = "",
        request_id: str = "",
    ):
        self.method, self.path, self.query = method, path, query
        self.authorization, self.key = authorization, ""  # the key's name, once known
        self.began_s = time.perf_counter()
        if _SANE.fullmatch(request_id):
            # a caller may use its id twice, and two answers must not have one
            self.request_id = request_id
            self.answer_id = f"{request_id}.{secrets.token_hex(8)}"
        else:
            self.request_id = self.answer_id = secrets.token_hex(16)

    def __repr__(self) -> str:
        return f"{self.method} {self.path}, request {self.request_id}"


class AccessLog:
    """Writes a line of JSON for each request to a text file that is open to append.

    Several processes may write to one file. Neither a query nor a key is in a line, and
    a text of a caller's cannot break out of it.
    """

    def __init__(self, file: TextIO):
        self._file, self._failing = file, False

    def write(
        self, visit: Visit, *, status: int, size_bytes: int, version: str
    ) -> None:
        """Write down how a request ended. If that fails the service goes on."""
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "request_id": visit.request_id,
            "method": visit.method[:_MOST_CHARACTERS],
            "path": visit.path[:_MOST_CHARACTERS],
            "status": status,
            "ms": round(1000 * (time.perf_counter() - visit.began_s), 3),
            "key": visit.key,
            "model": version,
            "bytes": size_bytes,
        }
        try:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            self._failing = False
        except (OSError, ValueError) as error:  # a full disk, or a closed file
            if not self._failing:
                _log.error("the access log cannot be written: %s", error)
            self._failing = True
