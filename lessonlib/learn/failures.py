"""Is it the log that fails, or only what was asked of it?

A locked file, a full disk or a database that has gone fails everybody; they may ask
again soon. A statement that is wrong fails only the one who gave it.
"""

import sqlite3

from lessonlib.errors import LessonError, LogUnavailable

_LOCKED = "another program has locked it"
_RIGHTS = "is there such a folder, and may this program write there?"
_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk fails, or is full",
    sqlite3.SQLITE_PERM: _RIGHTS,
    sqlite3.SQLITE_READONLY: _RIGHTS,
    sqlite3.SQLITE_CANTOPEN: _RIGHTS,
    sqlite3.SQLITE_CORRUPT: "it is damaged: put it aside, and begin a new one",
    sqlite3.SQLITE_NOTADB: "it is no log: give another path",
}
_POSTGRES = {  # by the class of the SQLSTATE
    "08": "the connection has gone",
    "25": "it may only be read",
    "53": "its server has run full",
    "55": _LOCKED,
    "57": "its server is shutting down",
    "58": "its server's disk fails",
}


def as_ours(error: Exception, what: str) -> LessonError:
    """Return an error as one of the library's; `what` begins its sentence."""
    if isinstance(error, LessonError):
        return error
    message = " ".join(f"{type(error).__name__}: {error}".split())
    if why := why_down(error):
        return LogUnavailable(f"{what} ({message}): {why}")
    return LessonError(f"{what} ({message})")


def why_down(error: Exception) -> str:
    """Return why nobody can use the log now; nothing if one statement has failed."""
    if isinstance(error, LogUnavailable):
        return str(error)
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)  # not of what Python itself raises
        return _SQLITE.get(code & 0xFF, "")
    state = getattr(error, "sqlstate", "")
    kinds = {kind.__name__ for kind in type(error).__mro__}  # ConnectionTimeout is one
    if state is None and kinds & {"OperationalError", "InterfaceError"}:
        return "its server is out of reach"  # psycopg's word, not the server's
    return _POSTGRES.get((state or "")[:2], "")
