"""How much did a counter grow? `grown(readings)` counts across restarts."""

from lessonlib.checks import Check, Mistake, case
from lessonlib.watch.metrics import increase

PROMISES = (
    (
        "without a restart it grew by the last reading minus the first",
        case([100, 130, 190], gives=90, hint="add up the steps"),
        case([7, 7, 7], gives=0, hint="nothing happened, and nothing restarted"),
    ),
    (
        "a lower reading is a restart from 0, and what it shows has happened since "
        "then",
        case(
            [900, 960, 15, 75],
            gives=135,
            hint="how much happened between the restart and the reading of 15?",
        ),
    ),
    (
        "it may restart twice, and the last reading may come after a restart",
        case([50, 20, 80, 5], gives=85, hint="look at one step at a time"),
    ),
)


def _steps(readings):
    return [now - before for before, now in zip(readings, readings[1:], strict=False)]


def _rises(readings):
    return sum(max(0, step) for step in _steps(readings))


def _absolute(readings):
    return sum(abs(step) for step in _steps(readings))


def _after_the_last(readings):
    start = max(
        (i for i in range(1, len(readings)) if readings[i] < readings[i - 1]),
        default=None,
    )
    return readings[-1] - (readings[0] if start is None else 0)


MISTAKES = (
    Mistake(
        "last minus first",
        "this takes the last reading minus the first, so a restart makes it too small "
        "or even negative. A counter never falls: go through the readings in pairs",
        lambda readings: readings[-1] - readings[0],
    ),
    Mistake(
        "falls left out",
        "nearly: the steps down are left out. But a reading of 15 after a restart "
        "means that 15 have happened since then",
        _rises,
    ),
    Mistake(
        "falls counted",
        "a step down is counted as if so many had happened. From 960 to 15 isn't a "
        "step of 945: the counter began again at 0",
        _absolute,
    ),
    Mistake(
        "since the restart",
        "this forgets what came before the last restart. Those parcels count as well: "
        "every pair of readings adds its part",
        _after_the_last,
    ),
    Mistake(
        "first reading too",
        "what the counter showed at the first reading happened before you looked. How "
        "much has it grown since?",
        lambda readings: readings[0] + increase(readings),
    ),
)

restart = Check.table(
    title="a counter survives a restart",
    name="grown",
    promises=PROMISES,
    also=(([40, 0],),),
    mistakes=MISTAKES,
)
