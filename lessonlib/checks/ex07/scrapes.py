"""What do five services show on /metrics? Two readings each, ten minutes apart."""

_PREDICT = 'http_requests_total{path="/predict",status="%s"}'
_NAMES = {  # as on the page, in the order of the columns
    "answered": _PREDICT % 200,
    "failed": _PREDICT % 500,
    "mean sum": "model_input_mean_sum",
    "sure": "model_sure_answers_total",
}
_READINGS = {
    "alder": ((81_200, 912, 397_900, 65_300), (93_100, 914, 456_300, 74_900)),
    "birch": ((64_000, 3, 313_600, 51_100), (8_450, 1, 41_400, 6_700)),
    "cedar": ((912_400, 41, 4_470_800, 730_100), (923_900, 412, 4_527_400, 739_300)),
    "elder": ((530_100, 60, 2_597_500, 424_000), (542_200, 61, 2_601_200, 424_010)),
    "hazel": ((77_700, 8, 380_700, 62_200), (77_702, 8, 380_710, 62_202)),
}


def readings() -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Return the two readings of each service, as `read_metrics` would give them."""
    return {
        service: (_named(before), _named(after))
        for service, (before, after) in _READINGS.items()
    }


def _named(values: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(_NAMES.values(), values, strict=True))


def as_table() -> str:
    """Return all readings in columns: what was answered and failed, inputs, sure."""
    head = "".join(f"{name:>11}" for name in _NAMES)
    lines = [f"{'':12}{head}"]
    for service, pair in _READINGS.items():
        for at, values in zip(("10:00", "10:10"), pair, strict=True):
            columns = "".join(f"{value:>11,.0f}" for value in values)
            lines.append(f"{service} {at} {columns}")
    return "\n".join(lines)
