"""What do learners read when they take something else for a number?

Exercises 2 and 5 ask the same question of a value. Each text is the message of a
mistake, and a hint for answers that are wrong in more than one way.
"""

BOOL = (
    "true passes for 1: to isinstance a bool is an int. Step 3 of the lesson asks for "
    "something stricter"
)
MADE = (
    "float(...) makes numbers of text and of true. Look at what the client sent, "
    "before you change it"
)
NAN = (
    "a NaN is neither below the low end nor above the high one, so it passes. Ask "
    "whether the value is inside"
)
WHOLE = (
    "5 is refused. In the lesson parse_int=float made a float of every number; here "
    "an int may come"
)
