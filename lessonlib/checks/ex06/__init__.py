"""Exercises of notebook 06: queues, what to do first, curves, and who is at work."""

from lessonlib.checks.ex06.e2_little import little
from lessonlib.checks.ex06.e3_room import room
from lessonlib.checks.ex06.e4_speedup import speedup
from lessonlib.checks.ex06.e5_order import order
from lessonlib.checks.ex06.e6_curves import curves
from lessonlib.checks.ex06.e7_shed import shed
from lessonlib.checks.ex06.e8_shift import shift

__all__ = ["little", "room", "speedup", "order", "curves", "shed", "shift"]
