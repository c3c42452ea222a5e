"""ONNX Runtime behind msgspec and bare ASGI: what a good engineer builds by hand."""

import msgspec
from onnx_model import predictor

predict = predictor()


class Rows(msgspec.Struct):
    """A body: {"rows": [[...], ...]}."""

    rows: list[list[float]]


decode, encode = msgspec.json.Decoder(Rows).decode, msgspec.json.encode
HEADERS = [(b"content-type", b"application/json")]


async def app(scope, receive, send):
    """Answer any POST with probabilities."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        status, reply = 200, encode({"probabilities": predict(decode(body).rows)})
    except msgspec.DecodeError as error:
        status, reply = 422, encode({"error": str(error)})
    headers = [*HEADERS, (b"content-length", b"%d" % len(reply))]
    start = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": reply})
