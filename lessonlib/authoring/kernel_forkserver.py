"""How does a kernel start without importing everything once more? By a fork of this.

A program that imports what it is told, computes nothing and has one thread. Whoever
connects to its socket sends what a kernel is to be: arguments, folder, variables, and
a descriptor for its stderr. A fork becomes that kernel, in a session of its own, and
answers with its number when it listens. The program ends when its stdin is closed, and
the kernels see that their parent is gone, as every kernel does.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
from typing import Any

# As a kernel sets it, before matplotlib is imported.
INLINE = "module://matplotlib_inline.backend_inline"


def main(listener: str, *imports: str) -> None:
    """Fork a kernel for everyone who connects to the descriptor `listener`."""
    del sys.path[0]  # the folder of this file
    os.environ.setdefault("MPLBACKEND", INLINE)
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # or it prints a warning
    before = dict(os.environ)
    for name in imports:
        with contextlib.suppress(ImportError):  # a notebook that needs it will say so
            importlib.import_module(name)
    set_by_imports = dict(os.environ.items() - before.items())
    if len(os.listdir("/proc/self/task")) > 1:
        sys.exit("an import has started a thread; no kernel can be forked after that")
    with socket.socket(fileno=int(listener)) as callers:
        while sys.stdin not in select.select([callers, sys.stdin], [], [])[0]:
            caller, _ = callers.accept()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass  # a kernel that has ended
            with caller:
                if os.fork() == 0:
                    callers.close()
                    kernel = new_kernel(caller, set_by_imports)
                    break
        else:
            return
    kernel.start()


def new_kernel(caller: socket.socket, set_by_imports: dict[str, str]) -> Any:
    """Make this process a kernel that listens at its ports, and tell the caller."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    request, descriptors, _, _ = socket.recv_fds(caller, 2**20, 1)
    wanted = json.loads(request)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in ((0, nothing), (2, *descriptors)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"] | set_by_imports, JPY_PARENT_PID=str(os.getppid()))
    np.random.seed()  # Python does it for its own `random`
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = wanted["argv"]
    kernel = IPKernelApp.instance(parent_handle=os.getppid())
    kernel.initialize(sys.argv[1:])
    caller.send(str(os.getpid()).encode())
    return kernel


if __name__ == "__main__":
    main(*sys.argv[1:])
