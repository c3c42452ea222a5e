"""How does a person try the model, in a browser?

The page is the same for every model: it reads in /model what the model takes, and asks
/predict as any program does. Whatever it shows of that is text, never HTML. A browser
runs only the script and the style whose hashes stand in the header, and lets them ask
this server alone.
"""

import base64
import hashlib
import re
from pathlib import Path

PAGE = Path(__file__).with_suffix(".html").read_text(encoding="utf-8").encode()


def policy(page: bytes) -> str:
    """Return the Content-Security-Policy of a page with a script and a style in it."""
    sources = {"default": "'none'", "connect": "'self'", "img": "data:"}
    for tag in ("script", "style"):
        (text,) = re.findall(rb"<%b>(.*?)</%b>" % (2 * (tag.encode(),)), page, re.S)
        digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
        sources[tag] = f"'sha256-{digest}'"
    closed = ("base-uri", "form-action", "frame-ancestors")
    rules = [f"{name}-src {source}" for name, source in sources.items()]
    return "; ".join([*rules, *(f"{name} 'none'" for name in closed)])
