"""Who has to act on a morning's errors? `whom(log)` says whom to call."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.ex03.mornings import MORNING, Statuses, in_words, shuffled
from lessonlib.checks.probes import call

Log = list[dict[str, Any]]


def _ask(answer: Any, statuses: Statuses) -> Any:
    found = call(answer, shuffled(statuses))
    return set(found) if type(found) in (set, frozenset, list, tuple) else found


def _morning(statuses: Statuses, *gives: str, hint: str) -> Case:
    called = f"whom(log), with {in_words(statuses)},"
    return case(statuses, gives={*gives}, called=called, hint=hint)


FEW = "of how many requests? One refused by mistake is no reason to ring anybody"
SHARE = "how many of this client's own requests were refused, out of how many?"
OURS = "the first digit of a status says whose turn it is"

PROMISES = (
    (
        "nobody is called on a quiet morning",
        _morning({"belt": {200: 40}, "kiosk": {200: 12}}, hint=FEW),
        _morning({"belt": {200: 99, 422: 1}, "kiosk": {200: 30, 404: 2}}, hint=FEW),
        _morning({"belt": {200: 90, 422: 10}}, hint="one in ten is not more than that"),
    ),
    (
        "a client is called if more than one in ten of its own requests were refused",
        _morning(
            {"belt": {200: 920, 422: 80}, "kiosk": {200: 7, 422: 3}},
            "kiosk",
            hint=SHARE,
        ),
        _morning(
            {"belt": {200: 8, 400: 1, 415: 1}, "app": {200: 80, 404: 20}},
            "belt",
            "app",
            hint="each of 400, 404, 405, 413, 415 and 422 is a refusal",
        ),
        _morning(
            {"belt": {422: 500}, "kiosk": {200: 85, 422: 15}},
            "belt",
            "kiosk",
            hint="compare a client with itself, not with the others",
        ),
    ),
    (
        "we are called for a single failure of our own, and no client is",
        _morning({"belt": {200: 999, 500: 1}}, "us", hint=OURS),
        _morning({"belt": {200: 5, 500: 5}, "kiosk": {200: 9}}, "us", hint=OURS),
        _morning({"belt": {200: 90}, "kiosk": {503: 4}}, "us", hint=OURS),
        _morning({"belt": {200: 80, 500: 15, 422: 5}}, "us", hint=OURS),
    ),
    (
        "everybody who has to act is called, and nobody else",
        _morning(
            {"belt": {200: 50, 503: 2}, "kiosk": {200: 3, 413: 9}, "app": {200: 6}},
            "us",
            "kiosk",
            hint="look at each client, and then at ourselves",
        ),
        _morning(MORNING, "us", "phone app", hint=SHARE),
    ),
)


def _refused(line):
    return 400 <= line["status"] < 500


def _clients(log: Log, refused: Callable[[Any], bool], most: float = 0.1) -> set[str]:
    """Return the clients of whose requests more than the share `most` were refused."""
    asked = Counter(line["client"] for line in log)
    no = Counter(line["client"] for line in log if refused(line))
    return {client for client in no if no[client] > most * asked[client]}


def _us(log: Log, failed: Iterable[int] = range(500, 600)) -> set[str]:
    return {"us" for line in log if line["status"] in failed}


def _the_loudest(log):
    no = Counter(line["client"] for line in log if _refused(line))
    return {client for client, _ in no.most_common(1)} | _us(log)


def _of_all_refusals(log):
    no = Counter(line["client"] for line in log if _refused(line))
    return {client for client in no if no[client] > 0.1 * no.total()} | _us(log)


MISTAKES = (
    Mistake(
        "the most refusals",
        "this calls the client with the most refusals. That is often the busiest one, "
        "and all is well with it. Divide by what that client has asked",
        _the_loudest,
    ),
    Mistake(
        "a share of all refusals",
        "the refusals of a client were divided by those of all clients, so a busy "
        "client with few refusals is called. Divide by that client's own requests",
        _of_all_refusals,
    ),
    Mistake(
        "one refusal is enough",
        "each client with a single refusal is called. You will soon have nobody left "
        "who answers the phone: the limit is more than one in ten",
        lambda log: _clients(log, _refused, most=0) | _us(log),
    ),
    Mistake(
        "our failures on their account",
        "a 500 or a 503 was counted against the client that got it. It asked for "
        "nothing wrong: from 500 on, it's our turn",
        lambda log: _clients(log, lambda line: line["status"] != 200) | _us(log),
    ),
    Mistake(
        "422 alone",
        "422 is one refusal of several. A client that sends no JSON gets 400, and one "
        "that calls it by another name 415: all from 400 to 499 are its turn",
        lambda log: _clients(log, lambda line: line["status"] == 422) | _us(log),
    ),
    Mistake(
        "500 alone",
        "503 is ours as well: the server had more to do than it could. All from 500 "
        "on are failures of the server",
        lambda log: _clients(log, _refused) | _us(log, failed=[500]),
    ),
)

whom = Check.table(
    title="whom do you call?",
    name="whom",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
