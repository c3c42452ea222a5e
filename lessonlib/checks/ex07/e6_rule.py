"""Which rule wakes people? `choose_rule(rules, healthy, trouble, began)` picks one."""

from typing import Any

import numpy as np

from lessonlib.checks import Case, Check, Mistake, case
from lessonlib.checks.probes import call
from lessonlib.watch.alerts import BurnRule

BEGAN = 200  # the minute from which on parcels fail
RULES = {
    "nervous": BurnRule(factor=2, long_min=10, short_min=5),
    "hasty": BurnRule(factor=14.4, long_min=5, short_min=5),
    "page": BurnRule(),
    "quick": BurnRule(factor=14.4, long_min=20, short_min=5),
    "ticket": BurnRule(factor=3, long_min=180, short_min=30),
    "deaf": BurnRule(factor=60, long_min=60, short_min=5),
}
Recording = tuple[np.ndarray, np.ndarray]  # failures and parcels, a minute each


def _recording(seed: int, shares: np.ndarray, *, blip: bool = False) -> Recording:
    errors = np.random.default_rng(seed).binomial(20, shares)
    if blip:
        errors[50] = 20
    return errors, np.full(len(errors), 20)


def _ask(answer: Any, names: list[str], seed: int, failing: float, blip: bool) -> Any:
    trouble = np.where(np.arange(400) < BEGAN, 0.005, failing)
    return call(
        answer,
        {name: RULES[name] for name in names},
        _recording(seed, np.full(1500, 0.005)),
        _recording(seed + 10, trouble, blip=blip),
        BEGAN,
    )


def _rules(
    names: str, *, seed: int, failing: float, gives: str, hint: str, blip: bool = False
) -> Case:
    """Return the case of these rules, when a share of the parcels is failing."""
    then = ", after a minute in which all failed" if blip else ""
    called = f"choose_rule of {names}, when {failing:.0%} fail{then}"
    given = (names.split(", "), seed, failing, blip)
    return case(*given, gives=gives, called=called, hint=hint)


SOON = "in which minute from `began` on does each of them ring first?"
QUIET = "which of them ring in the healthy recording, and how often?"
NEVER = "one of them never rings at all: what does your search find for it?"
BEFORE = "does one of them ring before minute `began`?"

PROMISES = (
    (
        "of the rules that are quiet when all is well, it is the first to ring",
        _rules("ticket, page, quick", seed=71, failing=0.5, gives="quick", hint=SOON),
        _rules("page, ticket", seed=73, failing=0.3, gives="ticket", hint=SOON),
    ),
    (
        "a rule that rings in the healthy recording is out, however quick it is",
        _rules("page, nervous, quick", seed=73, failing=0.3, gives="quick", hint=QUIET),
    ),
    (
        "so is one that rings before the trouble began, or never",
        _rules("page, ticket, deaf", seed=71, failing=0.1, gives="ticket", hint=NEVER),
        _rules(
            "page, hasty, quick",
            seed=72,
            failing=0.5,
            gives="quick",
            hint=BEFORE,
            blip=True,
        ),
    ),
)


def _quiet(rules, healthy):
    return {
        name: rule for name, rule in rules.items() if not rule.fires(*healthy).any()
    }


def _first(rule, trouble, began):
    on = np.flatnonzero(rule.fires(*trouble)[began:])
    return on[0] if len(on) else np.inf


def _first_of_argmax(rules, healthy, trouble, began):
    quiet = _quiet(rules, healthy)
    quiet = {
        n: rule for n, rule in quiet.items() if not rule.fires(*trouble)[:began].any()
    }
    return min(quiet, key=lambda n: np.argmax(quiet[n].fires(*trouble)[began:]))


def _quickest_of_all(rules, healthy, trouble, began):
    return min(rules, key=lambda name: _first(rules[name], trouble, began))


def _blind_to_blips(rules, healthy, trouble, began):
    quiet = _quiet(rules, healthy)
    return min(quiet, key=lambda name: _first(quiet[name], trouble, began))


def _quietest(rules, healthy, trouble, began):
    return min(rules, key=lambda name: rules[name].fires(*trouble).sum())


def _lowest(rules, healthy, trouble, began):
    quiet = _quiet(rules, healthy)
    return min(quiet, key=lambda name: quiet[name].threshold)


MISTAKES = (
    Mistake(
        "never is not at once",
        "a rule that never rings came back as if it rang at once: np.argmax of "
        "nothing but False is 0. Ask .any() first",
        _first_of_argmax,
    ),
    Mistake(
        "the quickest of all",
        "this rule rings first, but it rings for nothing, too. An alarm that cries "
        "wolf gets switched off",
        _quickest_of_all,
    ),
    Mistake(
        "woken by a blip",
        "this rule is quiet in the healthy recording, but in the other one it rings "
        "for a single bad minute, long before the trouble began",
        _blind_to_blips,
    ),
    Mistake(
        "the quietest",
        "this rule rings in the fewest minutes. A rule that never rings would win, and "
        "nobody would ever be woken",
        _quietest,
    ),
    Mistake(
        "the lowest limit",
        "of the quiet rules this has the lowest limit, but not the shortest windows: "
        "a long window takes its time to fill up with failures",
        _lowest,
    ),
)

rule = Check.table(
    title="whom to wake",
    name="choose_rule",
    promises=PROMISES,
    ask=_ask,
    mistakes=MISTAKES,
)
