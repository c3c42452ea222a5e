"""How the tests ask the two faces of a contract."""

import re


async def ask(
    app, body=b"", *, path="/predict", method="POST", kind="application/json", sent=()
):
    """Return status, headers and body of an ASGI app's reply; `sent`: more headers."""
    path, _, query = path.partition("?")
    pairs = [("content-type", kind), *sent]
    headers = [(name.lower().encode(), text.encode()) for name, text in pairs]
    scope = {"type": "http", "path": path, "method": method, "headers": headers}
    scope["query_string"], sent = query.encode(), []
    halves = [body[: len(body) // 2], body[len(body) // 2 :]]

    async def receive():
        return {
            "type": "http.request",
            "body": halves.pop(0),
            "more_body": len(halves) > 0,
        }

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    start, rest = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, rest["body"]


def asked_of_flask(
    app, body=b"", *, path="/predict", method="POST", kind="application/json", sent=()
):
    what = {"method": method, "data": body, "content_type": kind, "headers": [*sent]}
    reply = app.test_client().open(path, **what)
    headers = {name.lower(): value for name, value in reply.headers}
    return reply.status_code, headers, reply.data


def comparable(reply):
    """Return a reply without what differs in each: its id."""
    status, headers, body = reply
    if "allow" in headers:
        headers = headers | {"allow": sorted(headers["allow"].split(", "))}
    if re.fullmatch("[0-9a-f]{32}", headers["x-request-id"]):
        headers = {k: v for k, v in headers.items() if k != "x-request-id"}
    body = re.sub(rb'"request_id": ?"(named\.)?[^"]{16,32}"', b"", body)
    return status, headers, body
