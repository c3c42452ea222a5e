"""Exercises of notebook 06: laws of queues, batches, and who of the workers works."""

from lessonlib.checks.ex06.e2_little import little
from lessonlib.checks.ex06.e3_room import room
from lessonlib.checks.ex06.e4_speedup import speedup
from lessonlib.checks.ex06.e5_split import split
from lessonlib.checks.ex06.e6_knee import knee
from lessonlib.checks.ex06.e7_shed import shed
from lessonlib.checks.ex06.e8_shift import shift

__all__ = ["little", "room", "speedup", "split", "knee", "shed", "shift"]
