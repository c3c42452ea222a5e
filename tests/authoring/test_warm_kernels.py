"""Is a kernel that was forked from a warm process like any other, and as mortal?"""

import os
import signal
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel

from lessonlib.authoring.warm_kernels import (
    FORKS,
    IMPORTS,
    ForkedKernel,
    KernelForkServer,
    WarmProvisioner,
)

pytestmark = pytest.mark.skipif(not FORKS, reason="no safe fork on this system")

WHAT_IT_FINDS = """
import logging, os, random, resource, signal, sys, threading, warnings
import matplotlib.pyplot as plt
import numpy, requests, sklearn

plt.subplots()
signals = signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD
limits = [name for name in dir(resource) if name.startswith("RLIMIT")]
kernels_own = {"JPY_PARENT_PID", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
print({
    "argv": sys.argv[0],
    "backend": plt.get_backend(),
    "env": sorted(pair for pair in os.environ.items() if pair[0] not in kernels_own),
    "filters": sorted(map(repr, warnings.filters)),
    "flags": sys.flags,
    "folder": os.getcwd(),
    "handlers": [repr(signal.getsignal(each)).split(" at ")[0] for each in signals],
    "library": sorted(name for name in sys.modules if name.startswith("lessonlib")),
    "limits": [resource.getrlimit(getattr(resource, name)) for name in limits],
    "log": [logging.root.level, logging.root.handlers],
    "names": sorted(name for name in globals() if name[0] != "_"),
    "numbers": [numpy.geterr(), numpy.get_printoptions()],
    "path": sys.path,
    "own session": os.getsid(0) == os.getpgid(0) == os.getpid(),
    "parent": os.environ["JPY_PARENT_PID"] == str(os.getppid()),
    "rc": dict(plt.rcParams),
    "streams": [type(each) for each in (sys.stdin, sys.stdout, sys.stderr)],
    "threads": sorted(type(each).__name__ for each in threading.enumerate()),
})
"""


@pytest.fixture(scope="module")
def warm():
    server = KernelForkServer()
    yield server
    server.stop()


@pytest.fixture
def start(tmp_path):
    """Start a kernel as nbval does: forked from a server, or without one, as usual."""
    factory = KernelProvisionerFactory.instance()
    usual, kernels = factory.default_provisioner_name, []

    def start_one(origin=None):
        name = "local-provisioner"
        if origin:
            name = origin.address
            provisioner = partial(WarmProvisioner, address=name)
            factory.provisioners[name] = SimpleNamespace(load=lambda: provisioner)
        factory.default_provisioner_name = name
        kernels.append(RunningKernel(CURRENT_ENV_KERNEL_NAME, cwd=str(tmp_path)))
        return kernels[-1]

    yield start_one
    factory.default_provisioner_name = usual
    for kernel in kernels:
        if hasattr(kernel, "km"):  # not stopped yet
            kernel.stop()


def said(kernel, code, seconds=60):
    """Run `code` and return what it printed, or its error."""
    asked, text = kernel.execute_cell_input(code, allow_stdin=False), ""
    while True:
        message = kernel.get_message("iopub", timeout=seconds)
        content = message["content"]
        if message["parent_header"].get("msg_id") == asked:
            if message["msg_type"] in ("stream", "error"):
                text += (
                    content.get("text") or f"{content['ename']}: {content['evalue']}"
                )
            if content.get("execution_state") == "idle":
                return text


@pytest.mark.long
def test_forked_kernel_finds_what_any_kernel_finds(warm, start):
    forked = said(start(warm), WHAT_IT_FINDS)
    assert forked == said(start(), WHAT_IT_FINDS)
    assert "'library': []" in forked and "inline" in forked


def test_everything_is_imported_before_a_kernel_is_forked(warm, start):
    code = f"import sys\nprint({set(IMPORTS)} - set(sys.modules))"
    assert said(start(warm), code) == "set()\n"


def test_each_forked_kernel_begins_anew(warm, start):
    said(start(warm), "import this, os\nleft = os.environ['LEFT'] = 'behind'")
    seen = "'left' in dir(), 'LEFT' in os.environ, 'this' in sys.modules"
    code = f"import sys, os\nprint({seen})"
    assert said(start(warm), code) == "False False False\n"


def test_each_forked_kernel_has_chance_of_its_own(warm, start):
    code = "import random, numpy\nprint(random.random(), numpy.random.random())"
    first, second = (said(start(warm), code).split() for _ in "12")
    assert first[0] != second[0] and first[1] != second[1]


def test_forked_kernel_computes_in_many_threads_and_processes(warm, start):
    code = """
import subprocess, sys, numpy as np
from concurrent.futures import ThreadPoolExecutor
from sklearn.ensemble import RandomForestClassifier
rows = np.arange(200.0).reshape(100, 2)
forest = RandomForestClassifier(8, n_jobs=2, random_state=0).fit(rows, rows[:, 0] > 99)
with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(lambda row: int(forest.predict([row])[0]), rows)))
print(subprocess.check_output([sys.executable, "-c", "print(6 * 7)"]))
print(subprocess.run(["false"]).returncode)
"""
    assert said(start(warm), code) == "50\nb'42\\n'\n1\n"


def test_forked_kernel_can_be_interrupted(warm, start):
    kernel = start(warm)
    asked = kernel.execute_cell_input("print('begun')\nwhile True: pass")
    while kernel.get_message("iopub", timeout=60)["msg_type"] != "stream":
        pass
    kernel.interrupt()
    kernel.await_reply(asked, timeout=60)
    assert said(kernel, "print('here')").endswith("here\n")


def processes_of(kernel):
    """Return pidfds of a kernel and of a process that it has started."""
    code = "import subprocess\nprint(subprocess.Popen(['sleep', '300']).pid)"
    child = int(said(kernel, code))
    return [ForkedKernel(pid) for pid in (kernel.km.provisioner.pid, child)]


def test_forked_kernel_ends_with_its_children_when_it_is_stopped(warm, start):
    kernel = start(warm)
    both = processes_of(kernel)
    assert [each.poll() for each in both] == [None, None]
    kernel.stop()
    assert [each.wait(timeout=20) for each in both] == [0, 0]


def test_a_kernel_that_died_is_seen_to_be_dead(warm, start):
    kernel = start(warm)
    kernel.execute_cell_input("import os\nos._exit(1)")
    assert kernel.km.provisioner.process.wait(timeout=20) == 0
    assert not kernel.is_alive()


@pytest.mark.long
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_forked_kernel_ends_when_its_fork_server_has_ended(end, start):
    brief = KernelForkServer(["ipykernel.kernelapp"])
    try:
        process = ForkedKernel(start(brief).km.provisioner.pid)
        os.kill(brief._process.pid, end)
        assert process.wait(timeout=20) == 0
    finally:
        brief.stop()


def test_fork_server_ends_when_pytest_has_ended(tmp_path):
    code = "from lessonlib.authoring.warm_kernels import KernelForkServer\n"
    code += "import os; server = KernelForkServer([]); os._exit(7)"
    env = {**os.environ, "TMPDIR": str(tmp_path)}  # nobody tidies up after it
    command = [sys.executable, "-c", code]
    # The output ends when the last process has ended that may write to it.
    done = subprocess.run(command, capture_output=True, timeout=60, env=env)
    assert done.returncode == 7


def test_fork_server_with_threads_forks_no_kernel(tmp_path, monkeypatch, start, capfd):
    (tmp_path / "busy.py").write_text(
        "import threading\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    busy = KernelForkServer(["busy"])
    try:
        with pytest.raises(RuntimeError, match=f"-p no:{WarmProvisioner.__module__}"):
            start(busy)
    finally:
        busy._process.wait()
        busy.stop()
    assert "an import has started a thread" in capfd.readouterr().err
