"""How many replies came from another model? `stale(replies, version)` counts them."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call, colocate


class Reply:
    """What `requests` gives back, as far as one needs it here."""

    def __init__(self, version: str, status: str = "200", body_says: str = ""):
        from requests.structures import CaseInsensitiveDict

        self.status_code, self.ok = int(status), int(status) < 400
        named = {} if version == "nobody" else {"x-model-version": version}
        self.headers = CaseInsensitiveDict({"content-type": "application/json"} | named)
        self._body = {"model": {"version": body_says or named.get("x-model-version")}}

    def json(self) -> dict[str, Any]:
        return self._body


def _ask(stale: Any, replies: str) -> Any:
    """Ask about replies such as "a1, b2 422": the version of each, and its status."""
    make = colocate(stale, Reply)
    return call(stale, [make(*words.split()) for words in replies.split(", ")], "b2")


def _count(replies: str, *, gives: int, hint: str) -> Case:
    called = f"stale(replies of {replies}; version 'b2')"
    return case(replies, gives=gives, called=called, hint=hint)


PROMISES = (
    (
        "replies of another version are counted, and only those",
        _count("b2, a1, a1, b2, a1, b2", gives=3, hint="compare each header"),
        case("b2", gives=0, called="stale([a reply of b2], 'b2')"),
        _count("b2, b21, b, B2", gives=3, hint="alike is not the same"),
        case(
            "a1 200 b2, a1 200 b2",
            gives=2,
            called="stale(two replies of a1 whose bodies say b2; version 'b2')",
            hint="the header names the version",
        ),
    ),
    (
        "a reply that names no version is not trusted",
        _count(
            "b2, nobody, a1, nobody",
            gives=3,
            hint="what does headers.get give for a header that is not there?",
        ),
    ),
    (
        "the status does not matter: a refusal says who refused",
        _count(
            "b2 422, a1 500, a1 200, b2 500, a1 404",
            gives=3,
            hint="an old server can refuse, too",
        ),
    ),
)


def _versions(replies):
    return [reply.headers.get("X-Model-Version") for reply in replies]


MISTAKES = (
    Mistake(
        "trusted the nameless",
        "a reply that names no version was counted as fresh. A server that old may not "
        "know the header at all: what can you say for it?",
        lambda replies, version: sum(
            named not in (None, version) for named in _versions(replies)
        ),
    ),
    Mistake(
        "trips over the nameless",
        "one of the replies has no such header, and headers[...] raises KeyError then. "
        "Is there a way to ask that gives None instead?",
        lambda replies, version: sum(
            reply.headers["X-Model-Version"] != version for reply in replies
        ),
    ),
    Mistake(
        "counted the fresh",
        "these are the replies of the right model. Which are asked for?",
        lambda replies, version: _versions(replies).count(version),
    ),
    Mistake(
        "successes only",
        "refusals and failures were left out. An old server refuses by its old rules, "
        "so its 422 is as stale as its 200",
        lambda replies, version: sum(
            reply.ok and reply.headers.get("X-Model-Version") != version
            for reply in replies
        ),
    ),
    Mistake(
        "begins alike",
        "b21 is not b2, although it begins like it. When are two versions the same?",
        lambda replies, version: sum(
            not (named or "").startswith(version) for named in _versions(replies)
        ),
    ),
)

stale = Check.table(
    title="catch a stale model",
    name="stale",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
