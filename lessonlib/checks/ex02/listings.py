"""What do five files do? Pickles written by hand, to be read and never loaded."""

import pickletools

from lessonlib.checks.ex02.pickles import imports, string

_START, _END, _CALL, _POP = b"\x80\x04", b".", b"\x85R", b"0"
_NUMBERS = imports("numpy", "dtype") + string("f8") + _CALL

FILES = {
    "a": _START + _NUMBERS + _END,
    "b": _START
    + b"](" + b"".join(map(string, ("os.system", "builtins", "exec"))) + b"e"
    + _END,
    "c": b"\x80\x03" + imports("posix", "system", old=True)
    + string("rm -r models") + _CALL + _END,
    "d": _START + imports("builtins", "exec") + _NUMBERS + _POP
    + string("open('note.txt', 'w')") + _CALL + _END,
    "e": _START + imports("builtins", "eval") + _POP + _NUMBERS + _END,
}  # fmt: skip


def steps_of(content: bytes) -> list[str]:
    """Return the instructions of a pickle, each with its argument if it has one."""
    return [
        opcode.name + ("" if arg is None else f" {arg!r}")
        for opcode, arg, _ in pickletools.genops(content)
    ]


def listing(content: bytes) -> str:
    """Return the instructions of a pickle, one a line, counted from 1."""
    lines = enumerate(steps_of(content), start=1)
    return "\n".join(f"{number:3}  {step}" for number, step in lines)
