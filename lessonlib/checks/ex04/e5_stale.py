"""Which process still has the old model? `stale(log, version, since_s)` says it."""

from collections.abc import Callable, Sequence
from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.ex04.rollout import Line, as_log
from lessonlib.checks.probes import call
from lessonlib.checks.replies import with_keys

KEYS = ("restart", "parcels")
NEW, SINCE_S = "b2", 60
Log = list[dict[str, Any]]


def _ask(answer: Any, key: str, lines: Sequence[Line]) -> Any:
    found = call(answer, as_log(lines), NEW, SINCE_S)
    value = with_keys(found, KEYS, called="stale(log, 'b2', 60)")[key]
    return sorted(value) if type(value) in (list, tuple, set, frozenset) else value


def _case(key: str, *lines: Line, gives: Any, hint: str) -> Case:
    told = "; ".join(" ".join(map(str, line)) for line in lines)
    called = f"{key!r} of stale(log, 'b2', 60), with the lines {told}"
    return case(key, lines, gives=gives, called=called, hint=hint)


def _parcels(*lines: Line, gives: int, hint: str) -> Case:
    return _case("parcels", *lines, gives=gives, hint=hint)


def _restart(*lines: Line, gives: list[int], hint: str) -> Case:
    return _case("restart", *lines, gives=gives, hint=hint)


BEFORE = "until the roll-out, the old model was the right one"
LATEST = "what did each process say last? Go by at_s, not by the place in the log"
NAMELESS = "a reply that names no version proves nothing"
ALIKE = "when are two versions the same?"

PROMISES = (
    (
        "the parcels that another model has read since the roll-out, and only those",
        _parcels((70, 1, "a1", 5), (80, 2, "b2", 4), gives=5, hint=BEFORE),
        _parcels((10, 1, "a1", 5), (70, 1, "b2", 4), gives=0, hint=BEFORE),
        _parcels((59, 1, "a1", 5), (60, 1, "a1", 2), gives=2, hint="60 is since 60"),
        _parcels((61, 1, "a1", 5), (90, 1, "b2", 3), gives=5, hint="it was read then"),
    ),
    (
        "the processes whose latest reply since then is not from the new model",
        _restart((70, 1, "a1", 5), (80, 2, "b2", 4), gives=[1], hint=LATEST),
        _restart((61, 1, "a1", 5), (90, 1, "b2", 3), gives=[], hint=LATEST),
        _restart((61, 3, "b2", 5), (90, 3, "a1", 3), gives=[3], hint=LATEST),
        _restart((90, 7, "b2", 3), (61, 7, "a1", 5), gives=[], hint=LATEST),
        _restart((10, 1, "a1", 5), (70, 2, "b2", 4), gives=[], hint=BEFORE),
    ),
    (
        "a reply that names no version is not trusted",
        _parcels((70, 1, None, 5), (80, 2, "b2", 4), gives=5, hint=NAMELESS),
        _restart((70, 1, None, 5), (80, 2, "b2", 4), gives=[1], hint=NAMELESS),
    ),
    (
        "two versions are the same only if all of their letters are",
        _parcels((70, 1, "b21", 5), (80, 2, "B2", 4), gives=9, hint=ALIKE),
        _restart((70, 4, "b21", 5), (80, 2, "b", 4), gives=[2, 4], hint=ALIKE),
    ),
)


def _other(line):
    return line["version"] != NEW


def _by_time(log: Log) -> Log:
    return sorted(log, key=lambda line: line["at_s"])


def _since(log: Log) -> Log:
    return [line for line in log if line["at_s"] >= SINCE_S]


def _sheet(
    log: Log, other: Callable[[Any], bool] = _other, order: Any = _by_time
) -> dict[str, Any]:
    latest = {line["process"]: line for line in order(log)}
    return {
        "restart": [number for number, line in latest.items() if other(line)],
        "parcels": sum(line["parcels"] for line in log if other(line)),
    }


def _any_old(log, version, since_s):
    old = {line["process"] for line in _since(log) if _other(line)}
    return _sheet(_since(log)) | {"restart": old}


def _lines(log, version, since_s):
    return _sheet(_since(log)) | {"parcels": sum(map(_other, _since(log)))}


MISTAKES = (
    Mistake(
        "before the roll-out, too",
        "replies from before the roll-out are counted. The old model was the right one "
        "then: leave out every line before since_s",
        lambda log, version, since_s: _sheet(log),
    ),
    Mistake(
        "old once, old for ever",
        "a process is restarted although its latest reply is from the new model. It "
        "was a few seconds late, and its parcels count, but nothing is left to mend",
        _any_old,
    ),
    Mistake(
        "the last line for the latest",
        "the log comes from several processes and isn't in the order of time, so the "
        "last line of a process need not be its latest. Compare at_s",
        lambda log, version, since_s: _sheet(_since(log), order=list),
    ),
    Mistake(
        "trusted the nameless",
        "a reply without a version passes for a new one. A server that old may not "
        "know the header at all: None is not the version that you rolled out",
        lambda log, version, since_s: _sheet(
            _since(log), lambda line: line["version"] not in (None, version)
        ),
    ),
    Mistake(
        "lines for parcels",
        "these are replies, and a reply can be about many parcels. Somebody has to "
        "look at each of them again: add up what stands under parcels",
        _lines,
    ),
    Mistake(
        "begins alike",
        "b21 is not b2, although it begins like it. When are two versions the same?",
        lambda log, version, since_s: _sheet(
            _since(log), lambda line: not str(line["version"]).startswith(version)
        ),
    ),
)

stale = Check.table(
    title="one process of four is old",
    name="stale",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
