"""What can more processors gain? `speedup(share, n)`: how many times as fast."""

from lessonlib.checks import Check, Mistake, case

PARTS = "how long does each part of the call take then?"
REST = "which part of the time stays the same, whatever n is?"


PROMISES = (
    (
        "what can be split completely gets n times as fast, what can't stays as it was",
        case(1.0, 8, gives=8.0, hint=PARTS),
        case(0.0, 8, gives=1.0, hint=PARTS),
        case(0.9, 1, gives=1.0, hint=PARTS),
    ),
    (
        "if half of the time is split in two, three quarters are left",
        case(0.5, 2, gives=4 / 3, hint="as fast = old time / new time"),
    ),
    (
        "even a thousand processors don't shorten the part that can't be split",
        case(0.1, 4, gives=1 / 0.925, hint=REST),
        case(0.9, 1000, gives=1 / 0.1009, hint=REST),
    ),
)

MISTAKES = (
    Mistake(
        "n times",
        "this is n, as if the whole call could be split. What happens to the part that "
        "can't?",
        lambda share, n: float(n),
    ),
    Mistake(
        "the other part",
        "the two parts have swapped places: `share` is the part that *can* be split",
        lambda share, n: 1 / (share + (1 - share) / n),
    ),
    Mistake(
        "time for speed",
        "this is how long it takes, as a share of the old time. How many times as fast "
        "is a call that takes a quarter of the time?",
        lambda share, n: (1 - share) + share / n,
    ),
    Mistake(
        "larger work",
        "this grows without end with n. It is another law (Gustafson's), for work that "
        "grows with the processors; our card stays one card",
        lambda share, n: (1 - share) + share * n,
    ),
    Mistake(
        "the rest forgotten",
        "only the part that can be split is counted here. The other part takes time as "
        "well",
        lambda share, n: n / share if share else 1.0,
    ),
    Mistake(
        "share of n",
        "this multiplies the share by the processors. First ask how long each of the "
        "two parts takes, then add the times",
        lambda share, n: share * n,
    ),
)

speedup = Check.table(
    title="what can more processors gain?",
    name="speedup",
    promises=PROMISES,
    also=((0.75, 3),),
    mistakes=MISTAKES,
)
