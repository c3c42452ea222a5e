"""What do the access logs of two services say? A line of JSON for each request."""

import json

_FIELDS = ("time", "address", "path", "status", "key")


def _log(*rows: tuple[str, str, str, int, str]) -> tuple[str, ...]:
    return tuple(json.dumps(dict(zip(_FIELDS, row, strict=True))) for row in rows)


def as_table(log: tuple[str, ...]) -> str:
    """Return the lines of a log in columns, with their numbers; - is nobody's key."""
    entries = enumerate(map(json.loads, log), start=1)
    return "\n".join(
        f"{number:2}  {entry['time']}  {entry['address']:13}  {entry['path']:30}  "
        f"{entry['status']}  {entry['key'] or '-'}"
        for number, entry in entries
    )


ALDER = _log(
    ("09:00:01", "127.0.0.1", "/ready", 200, ""),
    ("09:00:02", "127.0.0.1", "/predict", 200, "ada"),
    ("09:00:02", "127.0.0.1", "/predict?key=q3Zx81-Tt0_mKd7V", 200, "ada"),
    ("09:00:03", "127.0.0.1", "/predict", 200, "bob"),
    ("09:00:03", "127.0.0.1", "/predict", 200, ""),
    ("09:00:04", "127.0.0.1", "/health", 200, ""),
    ("09:00:04", "127.0.0.1", "/metrics", 200, ""),
    ("09:00:05", "127.0.0.1", "/predict", 200, "bob"),
    ("09:00:05", "127.0.0.1", "/predict", 200, "bob"),
    ("09:00:05", "127.0.0.1", "/predict", 200, "bob"),
    ("09:00:05", "127.0.0.1", "/predict", 200, "bob"),
    ("09:00:05", "127.0.0.1", "/predict", 200, "bob"),
    ("09:00:06", "127.0.0.1", "/model?key=Wf5LrYp02sHcJ9-e", 401, ""),
    ("09:00:07", "127.0.0.1", "/model", 200, ""),
)

BIRCH = _log(
    ("09:00:01", "203.0.113.7", "/.env", 404, ""),
    ("09:00:01", "203.0.113.7", "/admin.php", 404, ""),
    ("09:00:02", "203.0.113.7", "/predict", 401, ""),
    ("09:00:02", "127.0.0.1", "/ready", 200, ""),
    ("09:00:03", "198.51.100.20", "/predict", 200, "ada"),
    ("09:00:03", "198.51.100.20", "/predict", 200, "ada"),
    ("09:00:03", "198.51.100.20", "/predict", 200, "ada"),
    ("09:00:03", "198.51.100.20", "/predict", 429, "ada"),
    ("09:00:04", "192.0.2.33", "/metrics", 404, ""),
    ("09:00:04", "192.0.2.33", "/model", 401, ""),
    ("09:00:05", "192.0.2.33", "/health", 200, ""),
    ("09:00:06", "192.0.2.5", "/predict", 200, "bob"),
    ("09:00:07", "192.0.2.5", "/predict", 422, "bob"),
    ("09:00:08", "203.0.113.7", "/predict", 401, ""),
)
