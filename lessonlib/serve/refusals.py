"""What is a client told whose request is refused?

Always JSON: a code for programs, and a sentence for people. What a server's own failure
was stands in its log; no traceback leaves it.
"""

import json
from typing import Any

from lessonlib.errors import KeysUnavailable, LogUnavailable, Overloaded
from lessonlib.serve.schema import BadRequest

_LATER: dict[type[Exception], tuple[str, str]] = {
    LogUnavailable: (
        "log_unavailable",
        "nothing can be written down now, so nothing was done; ask again",
    ),
    KeysUnavailable: (
        "keys_unavailable",
        "no key can be looked up now, so nobody is let in; ask again",
    ),
}


def refusal(error: Exception) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body that tell a client of an error."""
    if isinstance(error, BadRequest):
        body = _error(error.code, error.message, **error.where)
        return error.status, dict(error.headers), body
    if isinstance(error, Overloaded):
        wait = {"Retry-After": f"{max(1, round(error.retry_after_s))}"}
        return 503, wait, _error("overloaded", str(error))
    for kind, told in _LATER.items():
        if isinstance(error, kind):
            return 503, {"Retry-After": "1"}, _error(*told)
    message = "the server failed, not your request; its log says why"
    return 500, {}, _error("server_error", message)


def _error(code: str, message: str, **where: Any) -> bytes:
    return json.dumps({"error": {"code": code, "message": message} | where}).encode()
