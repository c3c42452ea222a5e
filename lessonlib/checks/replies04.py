"""Exercises of notebook 04 that need no server: an order, and stale replies."""

from lessonlib.checks import Check, wrong04
from lessonlib.checks.probes import call, colocate, expect
from lessonlib.checks.puzzle import follows, letters

# -- order: the life of a server, as letters

_RIGHT = "BFADEG"
_DISTRACTORS = "CH"


def _order_lines(order):
    """the six lines that it takes are there, each once, and no other"""
    hint = "two of the eight lines only look as if one needed them"
    seen = "".join(sorted(letters(order)))
    expect(seen == "".join(sorted(_RIGHT)), True, called="your lines", hint=hint)


def _order_starts(order):
    """the port is bound first, and the thread runs before anybody asks"""
    hint = "what does each line need that a line before it has made?"
    seen = follows(order, *"BFAD")
    expect(seen, True, called="bind, make the thread, start it, ask", hint=hint)


def _order_stops(order):
    """the question comes before the end, and shutdown before join"""
    hint = "what would join wait for, and what would the question meet?"
    expect(follows(order, *"DEG"), True, called="ask, shut down, join", hint=hint)


order = Check(
    title="the life of a server",
    promises=(_order_lines, _order_starts, _order_stops),
    probe=letters,
    mistakes=wrong04.ORDER,
)


# -- stale: how many of these replies came from another model?


class Reply:
    """What `requests` gives back, as far as one needs it here."""

    def __init__(self, version, status=200, body_says=None):
        from requests.structures import CaseInsensitiveDict

        self.status_code, self.ok = status, status < 400
        named = {} if version is None else {"x-model-version": version}
        self.headers = CaseInsensitiveDict({"content-type": "application/json"} | named)
        self._body = {"model": {"version": body_says or version}}

    def json(self):
        return self._body


_MIXED = (("b2", 200), ("a1", 200), ("a1", 200), ("b2", 200), ("a1", 200), ("b2", 200))
_NAMELESS = (("b2", 200), (None, 200), ("a1", 200), (None, 200))
_FAILED = (("b2", 422), ("a1", 500), ("a1", 200), ("b2", 500), ("a1", 404))
_COUSINS = (("b2", 200), ("b21", 200), ("b", 200), ("B2", 200))


def _replies(answer, replies):
    return [colocate(answer, Reply)(*each) for each in replies]


def _stale(answer, replies):
    return call(answer, _replies(answer, replies), "b2")


def _stale_counts(stale):
    """replies of another version are counted, and only those"""
    called = "stale(replies of b2, a1, a1, b2, a1, b2; version 'b2')"
    expect(_stale(stale, _MIXED), 3, called=called, hint="compare each header")
    expect(_stale(stale, _MIXED[:1]), 0, called="stale([a reply of b2], 'b2')")
    called = "stale(replies of b2, b21, b, B2; version 'b2')"
    expect(_stale(stale, _COUSINS), 3, called=called, hint="alike is not the same")


def _stale_nameless(stale):
    """a reply that names no version is not trusted"""
    called = "stale(replies of b2, nobody, a1, nobody; version 'b2')"
    hint = "what does headers.get give for a header that is not there?"
    expect(_stale(stale, _NAMELESS), 3, called=called, hint=hint)


def _stale_failed(stale):
    """the status does not matter: a refusal says who refused"""
    called = "stale(replies of b2 422, a1 500, a1 200, b2 500, a1 404; version 'b2')"
    hint = "an old server can refuse, too"
    expect(_stale(stale, _FAILED), 3, called=called, hint=hint)


stale = Check(
    title="catch a stale model",
    promises=(_stale_counts, _stale_nameless, _stale_failed),
    probe=lambda answer: [
        _stale_outcome(answer, each)
        for each in (_MIXED, _NAMELESS, _FAILED, _COUSINS, (("a1", 200, "b2"),))
    ],
    mistakes=wrong04.STALE,
)


def _stale_outcome(answer, replies):
    try:
        return answer(_replies(answer, replies), "b2")
    except Exception as error:
        return type(error).__name__
