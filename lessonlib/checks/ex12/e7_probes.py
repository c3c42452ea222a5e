"""Healthy, ready, or neither? `probes(state)` says it, and what is to be done."""

from typing import Any

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.replies import reply_to, with_keys

KEYS = ("health", "ready", "do")
WELL = {"hangs": False, "loaded": True, "database": True, "ending": False}
SAY = {
    "it serves": WELL,
    "it loads the model": WELL | {"loaded": False},
    "it is ending": WELL | {"ending": True},
    "the database is gone": WELL | {"database": False},
    "it loads, and the database is gone": WELL | {"loaded": False, "database": False},
    "it hangs": WELL | {"hangs": True},
}


def _ask(answer: Any, what: str) -> list[Any]:
    others = [(dict(state),) for state in SAY.values()]
    reply = reply_to(answer, dict(SAY[what]), others=others)
    found = with_keys(reply, KEYS, called=f"probes of {what!r}")
    return [found[key] for key in KEYS]


def _when(what: str, *gives: Any, hint: str) -> Case:
    called = f"[health, ready, do] when {what}"
    return case(what, gives=[*gives], called=called, hint=hint)


OUT = "take out"
WORKS = "nothing is wrong here"
PATIENCE = "is the process ill? and could it answer a prediction now?"
HELPS = "would a new process find the database?"
STUCK = "what helps a process that no longer does anything?"

PROMISES = (
    (
        "a process that serves is healthy and ready; one that loads is not ready yet",
        _when("it serves", 200, 200, "nothing", hint=WORKS),
        _when("it loads the model", 200, 503, OUT, hint=PATIENCE),
    ),
    (
        "a process that is ending gets no more requests, and may finish",
        _when("it is ending", 200, 503, OUT, hint=PATIENCE),
    ),
    (
        "a database that is gone is no reason to restart anything",
        _when("the database is gone", 200, 503, OUT, hint=HELPS),
        _when("it loads, and the database is gone", 200, 503, OUT, hint=HELPS),
    ),
    (
        "a process that hangs is restarted",
        _when("it hangs", 503, 503, "restart", hint=STUCK),
    ),
)


def _answers(health, ready, do=None):
    codes = {"health": 200 if health else 503, "ready": 200 if ready else 503}
    if do is None:
        do = "nothing" if ready else "take out" if health else "restart"
    return codes | {"do": do}


def _serves(state):
    return state["loaded"] and state["database"] and not state["ending"]


def _health_of_the_database(state):
    health = not state["hangs"] and state["database"]
    return _answers(health, health and _serves(state))


def _one_for_both(state):
    return _answers(not state["hangs"], not state["hangs"])


def _restart_what_is_not_ready(state):
    ready = not state["hangs"] and _serves(state)
    return _answers(not state["hangs"], ready, do="nothing" if ready else "restart")


def _ill_while_loading(state):
    health = not state["hangs"] and state["loaded"]
    return _answers(health, health and _serves(state))


def _ready_to_the_end(state):
    health = not state["hangs"]
    return _answers(health, health and state["loaded"] and state["database"])


def _waits(state):
    ready = not state["hangs"] and _serves(state)
    return _answers(not state["hangs"], ready, do="nothing" if ready else "take out")


MISTAKES = (
    Mistake(
        "the database's health",
        "here /health asks the database. When it is gone for a minute, every service "
        "that uses it is restarted, again and again, and none of that brings it back. "
        "/health is about this process alone",
        _health_of_the_database,
    ),
    Mistake(
        "one answer for both",
        "/ready says the same as /health here, so requests are sent to a process that "
        "is still loading, or about to end. They are two questions",
        _one_for_both,
    ),
    Mistake(
        "restart what is not ready",
        "whatever is not ready is restarted here: one that loads is killed before it "
        "is done, each time. Which of the two answers asks for a restart?",
        _restart_what_is_not_ready,
    ),
    Mistake(
        "loading is an illness",
        "/health says 503 while the model loads, and that is the call for a restart. A "
        "large model then never finishes loading. It is well, only not ready",
        _ill_while_loading,
    ),
    Mistake(
        "ready to the end",
        "a process that is ending still says that it is ready, so the proxy sends it "
        "requests until the moment it is gone. Those are the ones that get a 502",
        _ready_to_the_end,
    ),
    Mistake(
        "a hang is waited out",
        "a process that hangs is only taken out here. If nobody restarts it, you will "
        "have one fewer each week. What does a failing /health ask for?",
        _waits,
    ),
)

probes = Check.table(
    title="healthy, ready, or neither?",
    name="probes",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
