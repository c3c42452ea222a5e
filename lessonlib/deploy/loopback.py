"""Can a host be tried out on this computer?

nginx runs with the site that `deploy` wrote, at a free port of 127.0.0.1, with a
certificate made on the spot. Where there is no nginx a stand-in of Python's plays its
part: it speaks TLS, passes requests on and keeps a log, but knows no limits.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lessonlib.deploy.tls import Front, make_certificate, new_folder, tls_server
from lessonlib.errors import LessonError, ServerError
from lessonlib.serve.balancer import Machines, balancing_app
from lessonlib.serve.server import HOST

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_LIMIT_S = 30
_MAIN = """
{user}
daemon off;
worker_processes 2;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}}
"""
# Runs a program until stdin ends, as it does with this process, however that ends.
_WITH_US = """
import subprocess, sys, threading
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
stop = lambda: (sys.stdin.read(), program.terminate())
threading.Thread(target=stop, daemon=True).start()
program.wait()
"""


def front_of(deployed: str | Path, service_url: str) -> Front:
    """Return nginx, or its stand-in, in front of the service at `service_url`.

    nginx has the site of a folder that `deploy` wrote, but for where the service is.
    """
    if NGINX:
        return nginx(deployed, service_url)
    return tls_server(balancing_app(Machines([service_url])), program="stand-in")


def nginx(
    deployed: str | Path,
    service_url: str = "",
    *,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Front:
    """Return nginx with the site that `deploy` wrote, at ports and paths of its own.

    The service is at `service_url`, or where the site has it. `changes` are texts of
    the site, and what stands there instead. Raises ServerError if nginx does not start.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(new_folder())
        authority, chain = make_certificate(folder)
        http, https = _free_ports(2)
        here = {
            r" *listen \[::\].*\n": "",
            r"listen 80;": f"listen {HOST}:{http};",
            r"listen 443 ssl;": f"listen {HOST}:{https} ssl;",
            r"/etc/letsencrypt/\S+\.pem": str(chain),
            r"/var/log/nginx/\S+": "access.log",
        }
        if service_url:
            service = f"server {service_url.removeprefix('http://')}"
            here[r"server 127[0-9.]+:[0-9]+"] = service
        here |= {re.escape(old): new for old, new in changes.items()}
        site = _changed((Path(deployed) / "nginx.conf").read_text("utf-8"), here)
        (folder / "site.conf").write_text(site, encoding="utf-8")
        as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        main = _MAIN.format(user="user root;" if as_root else "")
        (folder / "main.conf").write_text(main, encoding="utf-8")
        words = [str(NGINX), "-p", f"{folder}/", "-c", "main.conf", "-e", "error.log"]
        process = subprocess.Popen(
            [sys.executable, "-c", _WITH_US, *words], stdin=subprocess.PIPE
        )
        stack.callback(_end, process)
        if not _listens(https, process):
            why = (folder / "error.log").read_text("utf-8")[-300:]
            raise ServerError(f"nginx does not start: {why}")
        log, url = folder / "access.log", f"https://{HOST}:{https}"
        return Front("nginx", url, str(authority), log, stack.pop_all())


def _changed(site: str, changes: Mapping[str, str]) -> str:
    """Return a site with a text in place of each pattern, which has to be in it."""
    for old, new in changes.items():
        site, n = re.subn(old, lambda _, new=new: new, site)  # type: ignore[misc]
        if n == 0:
            raise ValueError(f"the site has no {old!r}")
    return site


def log_entry(log: str | Path, request_id: str) -> dict[str, Any]:
    """Return the line of an access log about a request. It is written after the reply.

    Raises LessonError if it does not come.
    """
    deadline_s = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline_s:
        for line in Path(log).read_text("utf-8").splitlines():
            if request_id in line:
                return json.loads(line)
        time.sleep(0.01)
    raise LessonError(f"{log} has no request {request_id}")


def free_port() -> int:
    """Return a port of this computer that nobody listens at just now."""
    return _free_ports(1)[0]


def _free_ports(n: int) -> list[int]:
    with ExitStack() as stack:  # all are held until the last is found: no one twice
        listeners = [socket.create_server((HOST, 0)) for _ in range(n)]
        for listener in listeners:
            stack.enter_context(listener)
        return [listener.getsockname()[1] for listener in listeners]


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(_LIMIT_S)


def _listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    deadline_s = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with suppress(ConnectionRefusedError):
            socket.create_connection((HOST, port)).close()
            return True
        time.sleep(0.02)
    return False
