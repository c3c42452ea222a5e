"""Are the lines of a puzzle in an order that works? A learner writes their letters."""

from lessonlib.checks.probes import Broken


def letters(order):
    """Return the letters of an answer such as "BA" or ["b", "a"], or raise Broken."""
    found = [each for each in "".join(order).upper() if each.isalpha()]
    strange = sorted(set(found) - set("ABCDEFGH"))
    if strange:
        hint = 'write the letters of the lines, as "BA" for first B and then A'
        raise Broken(f"there is no line {', '.join(strange)}", hint)
    return "".join(found)


def follows(order, *lines):
    """Return whether all of `lines` are there, each after the one before it."""
    places = [letters(order).find(line) for line in lines]
    return -1 not in places and places == sorted(places)
