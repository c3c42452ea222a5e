"""Who is asking, and may they?

A key is 256 random bits, sent as `Authorization: Bearer KEY` (RFC 6750). It is shown
once, when it is made; its file keeps the SHA-256 alone. A password needs a slow hash,
since people choose words that can be tried; nobody tries 2**256 keys (NIST SP 800-63B,
5.1.2.2: from 112 random bits on, a hash is enough). In a terminal:
python -m lessonlib.serve.keys new FILE NAME
"""

import argparse
import hashlib
import logging
import math
import os
import re
import secrets
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from lessonlib.errors import KeysUnavailable
from lessonlib.serve.rates import RateLimit, TokenBuckets
from lessonlib.serve.schema import BadRequest

_NAME = r"[a-z0-9][a-z0-9._-]{0,39}"  # harmless in a log, a label and a file's name
_LINE = re.compile(rf"new ({_NAME}) ([0-9a-f]{{64}})|revoked ({_NAME})")
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_LOOKS, _LOOK_AGAIN_S = 3, 0.01
_HOW = "send the header Authorization: Bearer KEY"
_log = logging.getLogger(__name__)


class NotAdmitted(BadRequest):
    """A caller has no key that counts, or asks too often. `headers` say what helps."""

    def __init__(self, status: int, code: str, message: str, **headers: str):
        super().__init__(status, code, message)
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}


class Keys:
    """The callers of a file of keys, and how often each may ask: `limit`.

    The file is read again when it changes, so a key is revoked at once. While it is
    missing or damaged nobody is let in. Several processes share the limit if they name
    the same `folder` for its counts.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        limit: RateLimit | None = None,
        folder: str | Path | None = None,
    ):
        self.path, self.limit, self._folder = Path(path), limit, folder
        self._buckets = TokenBuckets(limit, folder=folder) if limit else None
        self._read: tuple[Any, dict[bytes, str]] = None, {}
        self._complaint = ""

    def caller(self, authorization: str, query: str) -> str:
        """Return whose request it is, by its header and the query of its address.

        Raises NotAdmitted for status 400 or 401, and KeysUnavailable.
        """
        if query:
            message = "send nothing behind a ?, least of all a key: addresses are kept"
            message += f" in logs; revoke a key that was sent so, and {_HOW}"
            raise NotAdmitted(400, "query_refused", message)
        names, found = self.names(), _BEARER.fullmatch(authorization.strip())
        # How long a look-up takes may tell of a hash, and from that nobody gets to a
        # key. To compare the keys themselves would need hmac.compare_digest.
        name = names.get(_digest(found[1])) if found else None
        if name is None:
            raise _unknown() if authorization else _no_key()
        return name

    def count(self, name: str) -> None:
        """Count a request of a caller. Raises NotAdmitted, 429, for one too many."""
        if self._buckets and (wait_s := self._buckets.wait_s(name)):
            message = f"the limit of {name} is reached: ask again in {wait_s:.3g} s"
            after = str(math.ceil(wait_s))
            raise NotAdmitted(429, "too_many_requests", message, Retry_After=after)

    def names(self) -> dict[bytes, str]:
        """Return the name to the hash of each key that counts now.

        Raises KeysUnavailable, and logs why: what was read before does not count.
        """
        try:
            there = os.stat(self.path)
            state = there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns
            if state != self._read[0]:
                self._read = state, read_keys(self.path)
                self._complaint = ""
            return self._read[1]
        except (OSError, KeysUnavailable) as error:
            self._read, why = (None, {}), str(error)
            if why != self._complaint:  # once, not at each request
                _log.error("nobody is let in: %s", why)
            self._complaint = why
            raise KeysUnavailable(why) from None

    def counted_in(self, folder: str | Path) -> "Keys":
        """Return the same keys, whose limit is shared by all who name `folder`."""
        return Keys(self.path, limit=self.limit, folder=folder if self.limit else None)

    def __reduce__(self) -> Any:
        kept: Any = {"limit": self.limit, "folder": self._folder}
        return partial(Keys, **kept), (self.path,)

    def __repr__(self) -> str:
        return f"keys in {self.path}"


def read_keys(path: str | Path) -> dict[bytes, str]:
    """Return {hash of a key: its caller's name}. Raises KeysUnavailable."""
    names: dict[bytes, str] = {}
    try:
        lines = _whole_lines(Path(path)).decode().split("\n")
    except OSError as error:
        raise KeysUnavailable(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise KeysUnavailable(f"{path} is not a file of keys: not a text") from None
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, start=1):
        found = _LINE.fullmatch(line)
        if found is None or number == len(lines):  # the last has no end: it was cut
            message = f"line {number} of {path} is damaged; make the file anew"
            raise KeysUnavailable(message)
        name, digest, revoked = found.groups()
        if revoked:
            names = {key: who for key, who in names.items() if who != revoked}
        else:
            names[bytes.fromhex(digest)] = name
    return names


def new_key(path: str | Path, name: str) -> str:
    """Return a new key for `name`, and write its hash into a file, made if need be.

    Only its owner may read that file. The key is kept nowhere.
    """
    if not re.fullmatch(_NAME, name):
        message = "a name has up to 40 of a-z, 0-9, '.', '_' and '-'"
        raise ValueError(f"{message}, got {name!r:.60}")
    if Path(path).exists() and name in read_keys(path).values():
        raise ValueError(f"{name} has a key; revoke it, or take another name")
    key = secrets.token_urlsafe(32)
    _append(path, f"new {name} {_digest(key).hex()}\n")
    return key


def revoke_key(path: str | Path, name: str) -> None:
    """Let nobody in with the key of `name` any more."""
    if name not in (names := sorted(read_keys(path).values())):
        who = ", ".join(names) or "nobody"
        raise ValueError(f"{name!r:.60} has no key in {path}; {who} has")
    _append(path, f"revoked {name}\n")


def _whole_lines(path: Path) -> bytes:
    """Return the bytes of a file. A line that is being written may not be whole yet."""
    for _ in range(_LOOKS):
        content = path.read_bytes()
        if content.endswith(b"\n") or not content:
            break
        time.sleep(_LOOK_AGAIN_S)
    return content


def _append(path: str | Path, line: str) -> None:
    """Add a line in one piece: two who do so at once lose nothing."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise KeysUnavailable(f"{path} cannot be written ({error.strerror})") from None
    try:
        size_bytes = os.fstat(file).st_size
        if os.write(file, line.encode()) < len(line):  # the disk is full
            os.ftruncate(file, size_bytes)
            raise KeysUnavailable(f"no space for a line in {path}")
        os.fsync(file)
    finally:
        os.close(file)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _no_key() -> NotAdmitted:
    message = f"this service asks for a key: {_HOW}"
    return NotAdmitted(401, "no_key", message, WWW_Authenticate='Bearer realm="model"')


def _unknown() -> NotAdmitted:
    message = f"no such key, or it was revoked; {_HOW}"
    how = 'Bearer realm="model", error="invalid_token"'
    return NotAdmitted(401, "unknown_key", message, WWW_Authenticate=how)


def main(words: list[str] | None = None) -> None:
    """Make a key, revoke one, or list whose there are."""
    parser = argparse.ArgumentParser(prog="python -m lessonlib.serve.keys")
    parser.add_argument("command", choices=["new", "revoke", "list"])
    parser.add_argument("file", help="where the hashes of the keys are kept")
    parser.add_argument("name", nargs="?", help="whose key: a name for the logs")
    options = parser.parse_args(words)
    if (options.name is None) != (options.command == "list"):
        parser.error("new and revoke need a NAME, list needs none")
    try:
        if options.command == "new":
            print(new_key(options.file, options.name))
            print("this key is shown once: keep it now", file=sys.stderr)
        elif options.command == "revoke":
            revoke_key(options.file, options.name)
        else:
            names = sorted(read_keys(options.file).values())
            print(*(names or ["nobody has a key"]), sep="\n")
    except (ValueError, KeysUnavailable) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
