"""A real nginx for a test: the site that lessonlib.deploy writes, on free ports."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from types import SimpleNamespace

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
LIMIT_S = 30
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


def free_ports(n):
    """Return `n` ports of this computer that nobody listens at."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


@contextmanager
def nginx_for(deployed, folder, *, changes=()):
    """Run nginx with the site of `deployed`, with its files in `folder`.

    It has other ports and paths than on a host, and nothing else is changed but what
    `changes` says: pairs of a text and another.
    """
    http, https = free_ports(2)
    site = (deployed / "nginx.conf").read_text()
    live = "/etc/letsencrypt/live/localhost"
    for old, new in [
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        (f"{live}/fullchain.pem", f"{folder}/cert.pem"),
        (f"{live}/privkey.pem", f"{folder}/cert.key"),
        ("/var/log/nginx/", f"{folder}/"),
        *changes,
    ]:
        assert old in site, old
        site = site.replace(old, new)
    _make_certificate(folder)
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.name != "nt" and os.geteuid() == 0 else ""
    (folder / "main.conf").write_text(_MAIN.format(user=user))
    paths = ["-p", f"{folder}/", "-c", "main.conf", "-e", "error.log"]
    with subprocess.Popen([NGINX, *paths]) as process:
        try:
            _wait_for(https, process)
            yield SimpleNamespace(
                http=f"http://localhost:{http}",
                https=f"https://localhost:{https}",
                https_port=https,
                certificate=f"{folder}/cert.pem",
                folder=folder,
            )
        finally:
            process.terminate()
            process.wait(LIMIT_S)


def _make_certificate(folder):
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"]
    command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", folder / "cert.key", "-out", folder / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)


def _wait_for(port, process):
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("nginx does not listen")
