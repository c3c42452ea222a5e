"""How many requests are inside? `inside(answers_per_minute, mean_ms)` counts them."""

from lessonlib.checks import Check, Mistake, case

UNITS = "how many a second, how many seconds each?"
LAW = "requests inside = answers a second x seconds"

PROMISES = (
    (
        "one answer a second that takes a second keeps one request inside",
        case(60, 1000, gives=1.0, hint=UNITS),
    ),
    (
        "more answers, or longer ones, keep more inside in proportion",
        case(6000, 20, gives=2.0, hint=LAW),
        case(60, 1000, gives=1.0, hint=LAW),
        case(24_000, 125, gives=50.0, hint=LAW),
        case(90, 100, gives=0.15, hint=LAW),
    ),
)

MISTAKES = (
    Mistake(
        "minutes",
        "the answers are still those of a minute, 60 times too many. How many is that "
        "a second?",
        lambda per_minute, mean_ms: per_minute * mean_ms / 1000,
    ),
    Mistake(
        "milliseconds",
        "the time is still in milliseconds, so a thousand times too many are inside. "
        "The answers are counted by the second, so Little's law needs seconds here",
        lambda per_minute, mean_ms: per_minute / 60 * mean_ms,
    ),
    Mistake(
        "as reported",
        "this multiplies the report's numbers as they are, answers a minute and "
        "milliseconds. Bring both to seconds first",
        lambda per_minute, mean_ms: per_minute * mean_ms,
    ),
    Mistake(
        "divided",
        "you divided the two. If answers take longer, are there more requests inside, "
        "or fewer?",
        lambda per_minute, mean_ms: (per_minute / 60) / (mean_ms / 1000),
    ),
    Mistake(
        "minute the wrong way",
        "you multiplied by 60 instead of dividing: a second has fewer answers than a "
        "minute",
        lambda per_minute, mean_ms: per_minute * 60 * mean_ms / 1000,
    ),
    Mistake(
        "milliseconds the wrong way",
        "you multiplied by 1000 instead of dividing: 20 milliseconds are a small part "
        "of a second",
        lambda per_minute, mean_ms: per_minute / 60 * mean_ms * 1000,
    ),
)

little = Check.table(
    title="Little's law",
    name="inside",
    promises=PROMISES,
    mistakes=MISTAKES,
)
