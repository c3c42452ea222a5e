"""Does a smaller file load faster, and what does one say when taken apart?

A pickle is drawn as `pickletools.genops` reads it: without following it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from lessonlib.figures import BLUE, MARKERS, ORANGE, PINK, describe, in_words, new_axes

_NAMES = ("GLOBAL", "STACK_GLOBAL", "INST")
_CALLS = ("REDUCE", "NEWOBJ", "NEWOBJ_EX", "INST", "OBJ", "BUILD")
_IN_WORDS = {
    "PROTO": "this is a pickle, and its protocol",
    "FRAME": "so many bytes follow",
    "SHORT_BINUNICODE": "lay this text on the pile",
    "BINUNICODE": "lay this text on the pile",
    "STACK_GLOBAL": "import: two texts become a function",
    "GLOBAL": "import this function",
    "EMPTY_TUPLE": "lay no arguments on the pile",
    "TUPLE1": "the top one becomes the arguments",
    "TUPLE2": "the top two become the arguments",
    "TUPLE3": "the top three become the arguments",
    "REDUCE": "call the function with them",
    "NEWOBJ": "make an object of the class",
    "BUILD": "give the object its content",
    "STOP": "hand out the top of the pile",
}
_SHADES = {"call": ORANGE, "name": "#A6D8F5", "": "#F2F2F2"}


def plot_disassembly(
    instructions: Sequence[tuple[Any, Any, int | None]],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Which line of a pickle runs the command? A row for each instruction, in order.

    `instructions` are those of `pickletools.genops`: (opcode, argument, position).
    Lines that import a name are shaded, lines that call one are marked with an arrow.
    `guess` is the number of a line; the first is 1.
    """
    question = "Which line of the file runs the command?"
    n = len(instructions)
    width = 9 if guess is None else 10.1  # a guess stands to the right of its line
    ax = new_axes(ax, question, size=(width, 0.9 + 0.34 * n))
    kinds = [_kind(opcode.name) for opcode, _, _ in instructions]
    for row, (opcode, arg, _) in enumerate(instructions, start=1):
        kind = kinds[row - 1]
        ax.add_patch(plt.Rectangle((0, row - 0.46), 1, 0.92, color=_SHADES[kind]))
        weight = "bold" if kind == "call" else "normal"
        look: Any = {"va": "center", "fontsize": 9, "weight": weight}
        arrow = "  ← this line" if kind == "call" else ""
        ax.text(0.01, row, opcode.name, family="monospace", **look)
        ax.text(0.225, row, _short(arg), family="monospace", **look)
        ax.text(0.59, row, _IN_WORDS.get(opcode.name, "") + arrow, **look)
    if guess is not None and guess in range(1, n + 1):
        spot = {"boxstyle": "round", "facecolor": PINK, "edgecolor": "black"}
        where: Any = {"ha": "center", "va": "center", "fontsize": 8, "bbox": spot}
        ax.text(1.06, guess, "your guess", **where)
    ax.set(
        xlim=(0, 1 if guess is None else 1.12),
        ylim=(n + 0.5, 0.5),
        xticks=[],
        ylabel="line of the file",
    )
    ax.set_yticks(range(1, n + 1))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    describe(ax, question, _sentence(instructions, kinds))
    return ax


def _kind(name: str) -> str:
    return "call" if name in _CALLS else "name" if name in _NAMES else ""


def _short(arg: object) -> str:
    text = "" if arg is None else repr(arg)
    return text if len(text) <= 42 else f"{text[:39]}..."


def _sentence(
    instructions: Sequence[tuple[Any, Any, int | None]], kinds: Sequence[str]
) -> str:
    lines = {
        kind: [
            f"line {row} ({instructions[row - 1][0].name})"
            for row, own_kind in enumerate(kinds, start=1)
            if own_kind == kind
        ]
        for kind in ("name", "call")
    }
    names, calls = (" and ".join(lines[kind]) or "no line" for kind in lines)
    return f"{len(kinds)} lines: {names} imports a function, {calls} calls it."


def plot_formats(
    size_bytes: Mapping[str, float],
    load_s: Mapping[str, float],
    *,
    guess: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Does a smaller file load faster? Both arguments are keyed by the format's name.

    `guess` is the load time of the smallest file, in load times of the first format.
    """
    question = "Does a smaller file load faster?"
    ax = new_axes(ax, question)
    by_time = sorted(load_s, key=lambda name: -load_s[name])
    by_size = sorted(size_bytes, key=lambda name: size_bytes[name])
    for i, name in enumerate(by_time):
        x, y = size_bytes[name] / 1e6, 1e3 * load_s[name]
        ax.plot(x, y, MARKERS[i % 4], color=BLUE, markersize=11)
        left = name in by_size[: len(by_size) // 2]
        offset = (0, (15, -15)[i % 2]) if left else (-12, 0)  # so that no two collide
        look: Any = {"ha": "left" if left else "right", "va": "center"}
        ax.annotate(name, (x, y), offset, textcoords="offset points", **look)
    if guess is not None:
        x, y = size_bytes[by_size[0]] / 1e6, 1e3 * guess * load_s[next(iter(load_s))]
        ax.plot(x, y, "*", color=PINK, markersize=16, label=f"your guess: {guess:g} x")
        ax.legend()
    ax.set(xlabel="file size (MB)", ylabel="load time (ms)")
    ax.set(xlim=(0, None), ylim=(0, 1.25 * ax.get_ylim()[1]))
    small, quick = by_size[0], by_time[-1]
    gain = in_words(size_bytes[quick] / size_bytes[small])
    words = f"{quick} loads quickest, from {gain} the size of the smallest, {small}."
    describe(ax, question, f"{len(by_size)} formats. {words}")
    return ax
