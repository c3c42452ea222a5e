"""Are the bugs of notebook 10's exercise out of a learner's analysis?"""

from lessonlib.checks import Check, Mistake
from lessonlib.checks.probes import call, expect, outcomes
from lessonlib.choose.experiments import compare_proportions
from lessonlib.choose.traffic import assign

_NAME = "rival-1"


def _units(arm, n, *, experiment=_NAME):
    """Return n units of an arm, named as no other log names them."""
    found, i = [], 0
    while len(found) < n:
        unit = f"{experiment}-{i}"
        if assign(unit, experiment=experiment) == arm:
            found.append(unit)
        i += 1
    return found


def _log(control, treatment, *, experiment=_NAME):
    """Return requests of two arms, given as what came of each unit; in turn."""
    arms = {"control": list(control), "treatment": list(treatment)}
    named = [
        list(zip(_units(arm, len(came), experiment=experiment), came, strict=True))
        for arm, came in arms.items()
    ]
    longest = max(map(len, named))
    return [each[i] for i in range(longest) for each in named if i < len(each)]


def _shares(right, wrong, none=0):
    """Return what came of units, well mixed: the k-th of all is of each kind evenly."""
    kinds = [(right, True), (wrong, False), (none, None)]
    order = [((i + 0.5) / n, repr(came), came) for n, came in kinds for i in range(n)]
    return [came for *_, came in sorted(order, key=lambda each: each[:2])]


_LOGS = {
    "a treatment that reads all, a control that reads half": _log(
        _shares(100, 100), _shares(200, 0)
    ),
    "the same in the experiment 'late'": _log(
        _shares(100, 100), _shares(200, 0), experiment="late"
    ),
    "40 parcels an arm, each photographed 20 times": 20
    * _log(_shares(28, 12), _shares(32, 8)),
    "a third of the treatment's parcels without an answer": _log(
        _shares(120, 80), _shares(120, 10, 70)
    ),
    "parcels wrong at first, and photographed again until right": (
        _log(_shares(150, 50), _shares(150, 50))
        + [(unit, True) for unit in _units("treatment", 200)]
    ),
    "a lucky start of the treatment, then level": _log(
        [False] * 15 + [True] * 15 + _shares(150, 30),
        [True] * 30 + _shares(135, 45),
    ),
    "300 control parcels and 200 treatment parcels": _log(
        _shares(150, 150), _shares(180, 20)
    ),
    "all no answers, in both arms": _log(_shares(160, 0, 40), _shares(190, 0, 10)),
}
_EXPERIMENT = dict.fromkeys(_LOGS, _NAME) | {
    "the same in the experiment 'late'": "late"
}


def _expect_verdict(verdict, name, expected, hint):
    seen = call(verdict, list(_LOGS[name]), experiment=_EXPERIMENT[name])
    expect(seen, expected, called=f"verdict of a log with {name}", hint=hint)


def _hunt_arms(verdict):
    """a parcel belongs to the arm that answered it"""
    names, hint = list(_LOGS), "who answered says assign(unit, experiment=experiment)"
    _expect_verdict(verdict, names[0], "treatment", hint)
    _expect_verdict(verdict, names[1], "treatment", hint)


def _hunt_units(verdict):
    """each parcel counts once, by its first request, answered or not"""
    names = list(_LOGS)
    hint = "how many parcels are there, and how many lines in the log?"
    _expect_verdict(verdict, names[2], "open", hint)
    hint = "a parcel without an answer was not read right, in either arm"
    _expect_verdict(verdict, names[3], "open", hint)
    _expect_verdict(verdict, names[4], "open", "which request of a parcel counts?")
    _expect_verdict(verdict, names[7], "treatment", hint)


def _hunt_once(verdict):
    """p is looked at once, when all parcels are in"""
    hint = "how many times is p compared with 0.05 while the log is read?"
    _expect_verdict(verdict, list(_LOGS)[5], "open", hint)


def _hunt_ratio(verdict):
    """arms that are not halves have no verdict"""
    hint = "which sizes were planned, and who told compare_proportions so?"
    _expect_verdict(verdict, list(_LOGS)[6], "withheld", hint)


def _analyse(requests, *, arm_of, once=True, skip=(), peek=False, as_seen=False):
    """Judge a log. Each option but the first is one of the bugs."""
    counts, seen = {"control": [0, 0], "treatment": [0, 0]}, set()

    def judge():
        sizes = [n for _, n in counts.values()] if as_seen else None
        return compare_proportions(*map(tuple, counts.values()), planned=sizes).verdict

    for unit, right in requests:
        arm = arm_of(unit)
        if (once and unit in seen) or (right is None and arm in skip):
            continue
        seen.add(unit)
        counts[arm][0] += right is True
        counts[arm][1] += 1
        if peek and all(n for _, n in counts.values()) and judge() in counts:
            return judge()
    return judge()


def _with(*, backwards=False, **bug):
    def verdict(requests, *, experiment):
        def arm_of(unit):
            return assign(unit, experiment=experiment)

        ordered = requests[::-1] if backwards else requests
        return _analyse(ordered, **({"arm_of": arm_of} | bug))

    return verdict


def _by_hash(unit):
    return "control" if hash(unit) % 2 == 0 else "treatment"


hunt = Check(
    title="bug hunt: an experiment that always wins",
    promises=(_hunt_arms, _hunt_units, _hunt_once, _hunt_ratio),
    probe=lambda answer: outcomes(
        lambda name: answer(list(_LOGS[name]), experiment=_EXPERIMENT[name]),
        [(name,) for name in _LOGS],
    ),
    mistakes=(
        Mistake(
            "Python's hash",
            "one bug is left: hash() of a text differs from process to process, so "
            "these arms are not the ones that answered. Who knows which were?",
            _with(arm_of=_by_hash),
        ),
        Mistake(
            "requests for units",
            "one bug is left: a parcel that was photographed 20 times counts 20 times. "
            "Its requests are no independent witnesses",
            _with(once=False),
        ),
        Mistake(
            "one arm's exclusions",
            "one bug is left: parcels without an answer are dropped from the treatment "
            "only, and they were its hardest ones",
            _with(skip=("treatment",)),
        ),
        Mistake(
            "peeking",
            "one bug is left: p is looked at after every parcel, and the first small "
            "one ends the experiment",
            _with(peek=True),
        ),
        Mistake(
            "planned as seen",
            "one bug is left: compare_proportions is told that the sizes it sees were "
            "the plan. Then no split is ever broken",
            _with(as_seen=True),
        ),
        Mistake(
            "the last request",
            "each parcel counts once, but by its last request. A parcel is "
            "photographed again until it is read: the last one is nearly always right",
            _with(backwards=True),
        ),
    ),
)
