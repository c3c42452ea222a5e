"""Requests that no honest client sends, as bytes for a socket, by name."""

GOOD_BODY = b'{"rows": [[1.5, 2]]}'
HOST = b"Host: x\r\n"
JSON = b"Content-Type: application/json\r\n"


def post(body=GOOD_BODY, *, head=b"", path=b"/predict", length=None, host=HOST):
    """Return a POST with a Content-Length (another one, if `length` is given)."""
    size = b"%d" % len(body) if length is None else length
    start = b"POST " + path + b" HTTP/1.1\r\n" + host + JSON + head
    return start + b"Content-Length: " + size + b"\r\n\r\n" + body


def chunked(body, *, head=b"Transfer-Encoding: chunked\r\n"):
    """Return a POST whose body is what stands there, chunks and all."""
    return b"POST /predict HTTP/1.1\r\n" + HOST + JSON + head + b"\r\n" + body


def get(line, head=HOST):
    """Return a request without a body."""
    return line + b"\r\n" + head + b"\r\n"


def one_chunk(body=GOOD_BODY):
    """Return a body in one chunk, and the end."""
    return b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"


def body(text):
    """Return a POST of a text."""
    return post(text.encode() if isinstance(text, str) else text)


def row(value):
    """Return a POST of a row whose second value is `value`."""
    return body(f'{{"rows": [[1, {value}]]}}')


LINES = {
    "nonsense": b"nonsense\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "no version": get(b"GET /health"),
    "a version of letters": get(b"GET /health HTTP/x.y"),
    "a method with a space": get(b"GE T /health HTTP/1.1"),
    "a method of signs": get(b"<GET> /health HTTP/1.1"),
    "a NUL in the path": get(b"GET /hea\x00lth HTTP/1.1"),
    "an unknown method": get(b"BREW /health HTTP/1.1"),
    "a method of a cache": get(b"PURGE /health HTTP/1.1"),
    "a long path": get(b"GET /" + b"a" * 4000 + b" HTTP/1.1"),
    "an endless path": get(b"GET /" + b"a" * 40_000 + b" HTTP/1.1"),
    "dots": get(b"GET /../../etc/passwd HTTP/1.1"),
    "dots in code": get(b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1"),
    "a NUL in code": get(b"GET /%00 HTTP/1.1"),
    "half a code": get(b"GET /%zz HTTP/1.1"),
    "two slashes": get(b"GET //health HTTP/1.1"),
    "a slash behind": get(b"GET /health/ HTTP/1.1"),
    "a question": get(b"GET /health?x=%27;drop HTTP/1.1"),
    "its source": get(b"GET /serve.py HTTP/1.1"),
    "another page": get(b"GET /wp-login.php HTTP/1.1"),
    "a greeting of SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a greeting of mail": b"EHLO me\r\n",
    "a greeting of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version to come": get(b"GET /health HTTP/2.0"),
    "a version of one digit": get(b"GET /health HTTP/11"),
    "lines without returns": b"GET /health HTTP/1.1\nHost: x\n\n",
    "a space before": get(b" GET /health HTTP/1.1"),
    "a space behind": get(b"GET /health HTTP/1.1 "),
    "a tab in the path": get(b"GET /hea\tlth HTTP/1.1"),
    "a method of another server": get(b"PROPFIND /health HTTP/1.1"),
    "a method nobody knows, with a body": post().replace(b"POST", b"BREW", 1),
    "a method in small letters": get(b"get /health HTTP/1.1"),
    "an endless question": get(b"GET /health?" + b"a" * 40_000 + b" HTTP/1.1"),
}
HEADS = {
    "two hosts": get(b"GET /health HTTP/1.1", HOST + b"Host: y\r\n"),
    "a header in two lines": get(b"GET /health HTTP/1.1", HOST + b"X-A: a\r\n b\r\n"),
    "a return in a value": get(b"GET /health HTTP/1.1", HOST + b"X-A: a\rb\r\n"),
    "no colon": get(b"GET /health HTTP/1.1", HOST + b"nonsense\r\n"),
    "a space before the colon": post(head=b"X-A : b\r\n"),
    "a name of signs": post(head=b"X(A): b\r\n"),
    "an empty name": post(head=b": b\r\n"),
    "a NUL in a value": post(head=b"X-A: a\x00b\r\n"),
    "a head of 40 KB": post(head=b"X-A: " + b"a" * 40_000 + b"\r\n"),
    "a head of many lines": post(head=b"X-A: abcdefgh\r\n" * 3000),
    "a length of letters": post(length=b"abc"),
    "a negative length": post(length=b"-5"),
    "a length with a plus": post(length=b"+20"),
    "a length in hex": post(length=b"0x14"),
    "a length with a comma": post(length=b"20, 21"),
    "an empty length": post(length=b""),
    "a length in other digits": post(length="٢٠".encode()),
    "two lengths": post(head=b"Content-Length: 4\r\n"),
    "a length of 20 digits": post(length=b"18446744073709551616"),
    "chunks of HTTP/1.0": chunked(one_chunk()).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "two encodings": chunked(
        one_chunk(), head=b"Transfer-Encoding: chunked, chunked\r\n"),
    "a length and chunks": chunked(
        one_chunk(), head=b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
    "an encoding nobody knows": chunked(
        one_chunk(), head=b"Transfer-Encoding: nonsense\r\n"),
    "an encoding that is nearly one": chunked(
        one_chunk(), head=b"Transfer-Encoding: xchunked\r\n"),
    "a body of 64 MB, announced": post(b"{", length=b"67108864"),
    "a body beyond all numbers": post(b"{", length=b"9" * 30),
    "another type": post().replace(b"application/json", b"text/plain"),
    "no type": post().replace(JSON, b""),
    "a form": post(b"rows=1").replace(b"application/json",
                                      b"application/x-www-form-urlencoded"),
    "a type of another case": post().replace(b"application/json", b"Application/JSON"),
    "a websocket": post(head=b"Connection: Upgrade\r\nUpgrade: websocket\r\n"),
}  # fmt: skip
CHUNKS = {
    "in one chunk": chunked(one_chunk()),
    "a size of 72 bits": chunked(b"f" * 18 + b"\r\n{}\r\n0\r\n\r\n"),
    "a negative size": chunked(b"-1\r\n{}\r\n0\r\n\r\n"),
    "a size with 0x": chunked(b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a size of letters": chunked(b"xyz\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is longer": chunked(b"1\r\n{}\r\n0\r\n\r\n"),
    "an extension": chunked(one_chunk().replace(b"\r\n", b";a=b\r\n", 1)),
    "no rows, in chunks": chunked(b"2\r\n{}\r\n0\r\n\r\n"),
    "nothing, in chunks": chunked(b"0\r\n\r\n"),
    "a trailer": chunked(one_chunk()[:-2] + b"X-A: b\r\n\r\n"),
    "a trailer without a colon": chunked(one_chunk()[:-2] + b"nonsense\r\n\r\n"),
    "a trailer of signs": chunked(one_chunk()[:-2] + b"X(A): b\r\n\r\n"),
    "a NUL in a trailer": chunked(one_chunk()[:-2] + b"X-A: a\x00b\r\n\r\n"),
    "a length in a trailer": chunked(one_chunk()[:-2] + b"Content-Length: 4\r\n\r\n"),
    "an endless extension": chunked(b"2;" + b"a" * 300_000),
    "2 MB in chunks": chunked(
        (b"10000\r\n" + b" " * 65536 + b"\r\n") * 32 + b"0\r\n\r\n"
    ),
}
ROWS = {
    "NaN": row("NaN"),
    "Infinity": row("-Infinity"),
    "1e400": row("1e400"),
    "400 digits": row("9" * 400),
    "a text": row('"2"'),
    "null": row("null"),
    "true": row("true"),
    "a list": row("[2]"),
    "an object": row("{}"),
    "other digits": row("٢"),
    "a leading zero": row("01"),
    "a comment": row("2 /* two */"),
    "a comma behind": row("2,"),
    "three values": row("2, 3"),
    "a surrogate": row('"\\ud800"'),
}
BODIES = {
    "nothing": body(""),
    "spaces": body(" " * 1000),
    "no JSON": body("rows"),
    "cut": body('{"rows": [[1, 2]'),
    "two values": body('{"rows": [[1, 2]]} {}'),
    "null body": body("null"),
    "a number": body("1"),
    "a text body": body('"rows"'),
    "a list body": body("[]"),
    "no rows": body("{}"),
    "empty rows": body('{"rows": []}'),
    "an empty row": body('{"rows": [[]]}'),
    "rows of numbers": body('{"rows": [1, 2]}'),
    "an object of rows": body('{"rows": {"0": [1, 2]}}'),
    "too many rows": body('{"rows": [' + "[1, 2], " * 1000 + "[1, 2]]}"),
    "rows twice": body('{"rows": [[1, 2]], "rows": [[1, 2]]}'),
    "an escaped key": body('{"rows": [[1, 2]], "\\u0072ows": [[3, 4]]}'),
    "rows and records": body('{"rows": [[1, 2]], "records": [{"x0": 1, "x1": 2}]}'),
    "a record too short": body('{"records": [{"x0": 1}]}'),
    "a record too long": body('{"records": [{"x0": 1, "x1": 2, "x2": 3}]}'),
    "a column twice": body('{"records": [{"x0": 1, "x1": 2, "x1": 3}]}'),
    "a record of text": body('{"records": ["x0"]}'),
    "a proto column": body('{"records": [{"__proto__": 1, "x1": 2}]}'),
    "deep lists": body("[" * 100_000),
    "deep objects": body('{"a":' * 100_000),
    "deep in a row": body('{"rows": [[' + "[" * 5000 + "]" * 5000 + "]]}"),
    "bad UTF-8": body(b'{"rows": [[1, "\xff"]]}'),
    "UTF-16": body('{"rows": [[1, 2]]}'.encode("utf-16")),
    "a byte order mark": body(b"\xef\xbb\xbf" + GOOD_BODY),
    "a NUL": body(b'{"rows": [[1, 2]]}\x00'),
    "1 MB of spaces": body(GOOD_BODY + b" " * (1 << 20)),
    "an op of another": body('{"$where": "sleep(5000)"}'),
    "a pickle": body(b"\x80\x04\x95\x10\x00\x00\x00"),
    "a label without a log": post(b'{"request_id": "x"}', path=b"/feedback"),
    "a page by POST": post(b"{}", path=b"/health"),
    "predict by GET": get(b"GET /predict HTTP/1.1"),
    "predict by DELETE": get(b"DELETE /predict HTTP/1.1"),
}
REQUESTS = {**LINES, **HEADS, **CHUNKS, **ROWS, **BODIES}
FINE = {
    "a question",
    "two slashes",
    "a type of another case",
    "in one chunk",
    "an extension",
    "a trailer",
}
