"""Right answers to the exercises of notebook 12, written differently."""

import hashlib
import hmac
import json
import math
from collections import Counter
from fractions import Fraction
from urllib.parse import urlsplit

import numpy as np

from lessonlib.checks.ex12.access_logs import ALDER, BIRCH
from lessonlib.serve.rates import RateLimit, TokenBuckets

# -- settings


def by_trying(environ):
    text = environ.get("PORT") or "8000"
    try:
        port = int(text)
        if port not in range(1, 65536):
            raise ValueError
    except ValueError:
        raise ValueError(f"set PORT to a port, 1 to 65535; it is {text}") from None
    log = environ.get("LOG", "")
    where = urlsplit(log).hostname or log or "nowhere"
    return {
        "port": port,
        "host": environ.get("HOST") or "127.0.0.1",
        "log": log,
        "line": f"http://{environ.get('HOST', '127.0.0.1')}:{port}, log in {where}",
    }


def by_merging(environ):
    wanted = {"HOST": "127.0.0.1", "PORT": "8000", "LOG": ""} | environ
    ports = {str(port): port for port in range(1, 1 << 16)}
    if wanted["PORT"] not in ports:
        raise ValueError("PORT", wanted["PORT"], "should be a port")
    line = {"host": wanted["HOST"], "port": ports[wanted["PORT"]], "log": "***"}
    return line | {"log": wanted["LOG"], "line": line}


# -- caller


def by_partition(header, names):
    scheme, _, key = header.partition(" ")
    found = names.get(hashlib.sha256(key.encode()).hexdigest())
    if found is None or scheme.casefold() != "bearer":
        return None, "refused"
    return found, f"let in: {found}"


def by_comparing(header, names):
    words = header.split()
    if len(words) != 2 or words[0].upper() != "BEARER":
        return [None, f"a header of {len(words)} words"]
    own = hashlib.sha256(words[1].encode("utf-8")).hexdigest()
    for digest, name in names.items():
        if hmac.compare_digest(digest, own):
            return [name, {"caller": name}]
    return [None, {"caller": None, "why": f"no such key ({own[:8]})"}]


def by_its_start(header, names):
    if not header.lower().startswith("bearer "):
        return None, None
    digest = hashlib.new("sha256", header[7:].strip().encode()).hexdigest()
    return names.get(digest), names.get(digest, "unknown key")


# -- bucket


class ByTheTimeOfBeingFull:
    def __init__(self, rate_rps, burst):
        self.token_s, self.burst, self.full_s = 1 / rate_rps, burst, -math.inf

    def retry_after(self, now_s):
        after_s = max(self.full_s, now_s) + self.token_s
        wait_s = after_s - now_s - self.burst * self.token_s
        if wait_s > 0:
            return math.ceil(wait_s)
        self.full_s = after_s
        return 0


class ByFractions:
    def __init__(self, rate_rps, burst):
        self.rate, self.most = Fraction(rate_rps), burst
        self.tokens, self.at = Fraction(burst), None

    def retry_after(self, now_s):
        now = Fraction(now_s)
        gone, self.at = now - (now if self.at is None else self.at), now
        self.tokens = min(self.most, self.tokens + gone * self.rate)
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return -(-(1 - self.tokens) // self.rate)


class WithTheLibrary:
    def __init__(self, rate_rps, burst):
        self.now_s, limit = 0.0, RateLimit(rate_rps, burst)
        self.buckets = TokenBuckets(limit, now=lambda: self.now_s)

    def retry_after(self, now_s):
        self.now_s = now_s
        return np.ceil(self.buckets.wait_s("me"))


# -- logs


def evidence(log):
    lines = [(number, json.loads(line)) for number, line in enumerate(log, start=1)]
    answered = [(number, line) for number, line in lines if line["status"] == 200]
    asked, over = Counter(), []
    for number, line in answered:
        asked[line["key"], line["time"]] += bool(line["key"])
        if asked[line["key"], line["time"]] > 3:
            over.append(number)
    is_open = ("/", "/health", "/ready")
    return {
        "key_in_address": {n for n, line in lines if "key=" in line["path"]},
        "no_key": tuple(
            n for n, line in answered if not line["key"] and line["path"] not in is_open
        ),
        "over_limit": over,
        "address": Counter(line["address"] for _, line in lines).most_common(1)[0][0],
    }


def by_json():
    found = {"alder": evidence(ALDER), "birch": evidence(BIRCH)}
    safe, other = sorted(found, key=lambda name: len(found[name]["no_key"]))
    return {"open": safe} | found[other]


# -- night


def night_of(words):
    told = {"u": "up again", "d": "down", "o": "old model"}
    return {number: told[letter] for number, letter in enumerate(words, start=1)}


# -- probes


def by_two_questions(state):
    health = 503 if state["hangs"] else 200
    able = state["loaded"] and state["database"] and not state["ending"]
    ready = 200 if able and health == 200 else 503
    do = {(200, 200): "nothing", (200, 503): "take out", (503, 503): "restart"}
    return {"health": health, "ready": ready, "do": do[health, ready]}


def by_matching(state):
    match state:
        case {"hangs": True}:
            codes, do = (503, 503), "restart"
        case {"loaded": False} | {"database": False} | {"ending": True}:
            codes, do = (200, 503), "take out"
        case _:
            codes, do = (200, 200), "nothing"
    return dict(zip(("health", "ready"), codes, strict=True)) | {"do": do, "why": ""}


# -- bill


def by_counting_up(requests_a_day, peak_factor, machine_rps, most_busy, hour_price):
    machines = 2
    while (machines - 1) * machine_rps * most_busy < (
        requests_a_day * peak_factor / 86_400
    ):
        machines += 1
    return {"machines": machines, "a_month": round(machines * hour_price * 730, 2)}


def by_numpy(requests_a_day, peak_factor, machine_rps, most_busy, hour_price):
    load = np.float64(requests_a_day) * peak_factor / 24 / 3600
    machines = np.ceil(load / machine_rps / most_busy) + 1
    return {"machines": machines, "a_month": machines * (hour_price * 365 * 24 / 12)}


def by_floor(requests_a_day, peak_factor, machine_rps, most_busy, hour_price):
    peak = Fraction(requests_a_day, 86_400) * Fraction(str(peak_factor))
    n = 1 - (-peak // (Fraction(machine_rps) * Fraction(str(most_busy))))
    return {"machines": int(n), "a_month": round(n * hour_price * 730, 2)}


RIGHTS = {
    "settings": [by_trying, by_merging],
    "caller": [by_partition, by_comparing, by_its_start],
    "bucket": [ByTheTimeOfBeingFull, ByFractions, WithTheLibrary],
    "logs": [
        by_json(),
        by_json() | {"open": "Birch", "no_key": "5, 7, 14", "note": "shut alder down"},
        by_json() | {"over_limit": np.array([12, 11])},
    ],
    "night": [
        night_of("dududuodd"),
        {number: word.upper() for number, word in night_of("dududuodd").items()},
    ],
    "probes": [by_two_questions, by_matching],
    "bill": [by_counting_up, by_numpy, by_floor],
}
