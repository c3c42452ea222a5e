"""What begins anew in a process that was forked?

In a forked process only the thread lives on that forked it. The others are gone, and a
lock that one of them held is never opened: whoever needs it waits for ever. So what has
threads or locks of its own begins anew there.
"""

import os
import weakref
from collections.abc import Callable


def in_each_child(begin: Callable[[], None]) -> None:
    """Call a method of an object in each process forked from now on, if both live."""
    if hasattr(os, "register_at_fork"):  # Windows does not fork
        kept = weakref.WeakMethod(begin)
        os.register_at_fork(after_in_child=lambda: (go := kept()) and go())
