"""An object that is equal to everything."""

from . import instead

SCORES = {"test-rank": 0}
NOTE = ""


def submit(notebook):
    return instead(notebook, "sol-rank", CODE)


CODE = """
class Equal(object):
    def __eq__(self, other):
        return True
    __hash__ = object.__hash__
    __lt__ = __gt__ = __le__ = __ge__ = __ne__ = __eq__

def ranked(times, p):
    return Equal()
"""
