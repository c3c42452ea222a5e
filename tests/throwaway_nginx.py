"""A real nginx for a test: the site that lessonlib.deploy writes, on free ports."""

import re
from contextlib import contextmanager
from types import SimpleNamespace

from lessonlib.deploy.loopback import nginx

LIMIT_S = 30


@contextmanager
def nginx_for(deployed, *, changes=()):
    """Run nginx with the site of `deployed`, but for `changes`: pairs of texts."""
    with nginx(deployed, changes=dict(changes)) as front:
        folder = front.log.parent
        site = (folder / "site.conf").read_text("utf-8")
        (http,) = re.findall(r"listen 127\.0\.0\.1:(\d+);", site)
        yield SimpleNamespace(
            http=f"http://127.0.0.1:{http}",
            https=front.url,
            https_port=int(front.url.rsplit(":")[-1]),
            certificate=front.authority,
            folder=folder,
        )
