"""When is there a winner? `decide(p_values, planned)`, with the looks so far."""

from lessonlib.checks import Case, Check, Mistake, case


def _looks(*p_values: float, planned: int, gives: str, hint: str) -> Case:
    called = f"decide({list(p_values)}, planned={planned})"
    return case(list(p_values), planned, gives=gives, called=called, hint=hint)


PROMISES = (
    (
        "before the planned look there is no winner, whatever p is",
        _looks(
            *(0.3, 0.001),
            planned=4,
            gives="go on",
            hint="stop at the first small p, and a quarter of A/A runs have a winner",
        ),
        _looks(planned=3, gives="go on", hint="nobody has looked yet"),
        _looks(0.9, 0.9, 0.9, planned=4, gives="go on", hint="it may still change"),
    ),
    (
        "at the planned look its own p decides, and no other",
        _looks(
            *(0.3, 0.6, 0.02),
            planned=3,
            gives="winner",
            hint="which is the third look, counted from 1?",
        ),
        _looks(
            *(0.001, 0.6, 0.2),
            planned=3,
            gives="no winner",
            hint="does an earlier look count at the end?",
        ),
        _looks(0.05, planned=1, gives="no winner", hint="below 0.05, not at it"),
    ),
    (
        "to look again after the planned look changes nothing",
        _looks(
            *(0.3, 0.2, 0.01),
            planned=2,
            gives="no winner",
            hint="which of these looks was the planned one?",
        ),
        _looks(
            *(0.3, 0.01, 0.4),
            planned=2,
            gives="winner",
            hint="which of these looks was the planned one?",
        ),
    ),
)


def _read(p, alpha=0.05):
    return "winner" if p < alpha else "no winner"


def _peek(p_values, planned):
    if any(p < 0.05 for p in p_values):
        return "winner"
    return "go on" if len(p_values) < planned else "no winner"


def _smallest(p_values, planned):
    return "go on" if len(p_values) < planned else _read(min(p_values[:planned]))


def _last(p_values, planned):
    return "go on" if len(p_values) < planned else _read(p_values[-1])


def _shared_out(p_values, planned):
    if len(p_values) < planned:
        return "go on"
    return _read(p_values[planned - 1], 0.05 / planned)


def _at_the_edge(p_values, planned):
    if len(p_values) < planned:
        return "go on"
    return "winner" if p_values[planned - 1] <= 0.05 else "no winner"


MISTAKES = (
    Mistake(
        "peeking",
        "this stops at the first p below 0.05. With 20 looks at two equal models, that "
        "finds a winner in a quarter of the runs. Only the planned look may decide",
        _peek,
    ),
    Mistake(
        "the smallest",
        "it waits for the planned look, and then lets the smallest p of all looks "
        "decide. That's peeking, too, only later",
        _smallest,
    ),
    Mistake(
        "the last look",
        "somebody looked again after the planned look, and that last p decided. Which "
        "look was planned?",
        _last,
    ),
    Mistake(
        "no plan",
        "this reads the latest p, planned or not. Where does the plan come in?",
        lambda p_values, planned: _read(p_values[-1]) if p_values else "go on",
    ),
    Mistake(
        "shared out",
        "0.05 was divided by the number of looks. You need that if you decide at every "
        "look; if you decide only once, you may spend all of it",
        _shared_out,
    ),
    Mistake(
        "at the edge",
        "a p of exactly 0.05 isn't below 0.05",
        _at_the_edge,
    ),
)

rule = Check.table(
    title="stop by a rule",
    name="decide",
    promises=PROMISES,
    also=(([0.04, 0.03], 2), ([0.5, 0.5, 0.5, 0.012], 4)),
    mistakes=MISTAKES,
)
