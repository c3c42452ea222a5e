"""How do the tests of the notebooks start their kernels quickly? A plugin for pytest.

A kernel that starts and imports numpy, scikit-learn and the others works longer than
most cells do. On Linux a run of pytest does that once, in a fork server, which forks a
kernel for each notebook that nbval runs. All other kernels start as usual, and where
a fork is not safe, on Windows and macOS, nbval's do, too.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from nbval.plugin import IPyNbCell

from lessonlib.authoring import kernel_forkserver

FORKS = sys.platform == "linux"
SLOWEST_S = 120  # as pyproject.toml lets nbval wait
# The processes of pytest share the cores, and a fork of several threads is not safe.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# Only packages of others: a change of the library has to be seen in every kernel.
IMPORTS = """
    ipykernel.kernelapp ipykernel.debugger IPython.core.completerlib
    IPython.core.debugger IPython.core.oinspect IPython.extensions.storemagic
    flask matplotlib.backends.backend_agg matplotlib.pyplot prometheus_client requests
    scipy.optimize scipy.stats skops.io sklearn.datasets sklearn.ensemble
    sklearn.linear_model sklearn.model_selection sklearn.pipeline sklearn.preprocessing
    sklearn.svm sqlite3 tornado.platform.asyncio waitress werkzeug.serving
""".split()


class KernelForkServer:
    """The process that forks kernels for whoever connects to `address`."""

    def __init__(self, imports: Iterable[str] = IMPORTS):
        self._folder = tempfile.TemporaryDirectory()
        self.address = str(Path(self._folder.name, "forkserver"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(self.address)
            listener.listen()
            number = listener.fileno()
            self._process = subprocess.Popen(
                [sys.executable, kernel_forkserver.__file__, str(number), *imports],
                pass_fds=[number],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=os.environ | ONE_THREAD,
                start_new_session=True,  # a Ctrl-C is not meant for it
            )

    def stop(self) -> None:
        """End it, and with it the kernels that still run."""
        with self._process, self._folder:
            self._process.terminate()


class ForkedKernel:
    """A process that is not our child, with what a provisioner needs of a Popen."""

    stdin = stdout = stderr = None
    returncode: int | None = None

    def __init__(self, pid: int):
        self.pid = pid
        self._watched = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return None while it runs, else 0: its exit code is not for us to know."""
        return self.wait(timeout=0)

    def wait(self, timeout: float = SLOWEST_S) -> int | None:
        """Wait until it has ended, and return what poll does."""
        if self.returncode is None:
            if select.select([self._watched], [], [], timeout)[0]:
                os.close(self._watched)
                self.returncode = 0
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to it alone; nothing happens if it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._watched, number)


class WarmProvisioner(LocalProvisioner):
    """Lets jupyter_client's manager have a kernel that a fork server forks."""

    def __init__(self, *, address: str, **others: Any):
        super().__init__(**others)
        self._address = address

    async def launch_kernel(
        self, cmd: list[str], **options: Any
    ) -> KernelConnectionInfo:
        """Have the kernel forked that `cmd`, a Python with a module, would start."""
        spec = find_spec(cmd[2])  # after the Python and its -m
        assert spec is not None
        kernel = {"argv": [spec.origin, *cmd[3:]], "cwd": options["cwd"]}
        kernel["env"] = options["env"] | ONE_THREAD
        answer = b""
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller,
            open(os.devnull, "wb") as nowhere,
        ):
            stderr = options["stderr"]
            log = nowhere if stderr == subprocess.DEVNULL else stderr
            caller.settimeout(SLOWEST_S)
            with contextlib.suppress(OSError):
                caller.connect(self._address)
                request = json.dumps(kernel).encode()
                socket.send_fds(caller, [request], [log.fileno()])
                answer = caller.recv(32)
        if not answer:
            raise RuntimeError(
                f"no kernel could be forked; with -p no:{__name__} all start as usual"
            )
        process: Any = ForkedKernel(int(answer))
        self.process = process
        self.pid = self.pgid = process.pid
        self.cwd = options["cwd"]
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and wait: its manager looks only ten times a second."""
        await super().kill(restart)
        if self.process:
            self.process.wait()


class WarmKernels:
    """Hooks of pytest: start the fork server, or learn of it, and use it for nbval."""

    def __init__(self, config: pytest.Config):
        given = getattr(config, "workerinput", {})  # to a process of pytest-xdist
        self._server = None if given else KernelForkServer()
        self._address = (
            self._server.address if self._server else given["kernel_forkserver"]
        )
        self._factory = KernelProvisionerFactory.instance()
        provisioner = partial(WarmProvisioner, address=self._address)
        entry: Any = SimpleNamespace(load=lambda: provisioner)
        self._factory.provisioners["warm"] = entry

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of pytest-xdist."""
        node.workerinput["kernel_forkserver"] = self._address

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Choose how the kernel starts for which a test may ask."""
        warm = isinstance(item, IPyNbCell) or item.get_closest_marker("warm_kernel")
        name = "warm" if warm else "local-provisioner"
        self._factory.default_provisioner_name = name

    def pytest_unconfigure(self) -> None:
        """Leave nothing running."""
        if self._server:
            self._server.stop()


def runs_notebooks(config: pytest.Config) -> bool:
    """Tell whether nbval may find notebooks at the places that pytest was given."""
    places = [Path(place.split("::")[0]) for place in config.args]
    return config.getoption("nbval", False) and any(
        place.suffix == ".ipynb" or [*place.glob("*.ipynb"), *place.glob("*/*.ipynb")]
        for place in places
    )


def pytest_configure(config: pytest.Config) -> None:
    """Warm up while pytest starts and collects, if it goes on to run."""
    line = "warm_kernel: its kernels may be forked, as those of nbval are"
    config.addinivalue_line("markers", line)
    if FORKS and runs_notebooks(config) and not config.option.collectonly:
        config.pluginmanager.register(WarmKernels(config))


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say how nbval's kernels start."""
    how = "forked from a warm process" if FORKS else "each a new Python; no safe fork"
    return f"notebook kernels: {how}" if runs_notebooks(config) else None
