"""When should somebody be woken? Not for a blip, and not by chance."""

import numpy as np
import pytest

from lessonlib.watch.alerts import BurnRule, trailing_share


def minutes(n, *, bad=(), share=1.0, per_minute=100):
    """Return errors and totals of n minutes, with errors in the minutes of `bad`."""
    errors = np.zeros(n, dtype=int)
    errors[list(bad)] = round(share * per_minute)
    return errors, np.full(n, per_minute)


def test_a_trailing_share_by_hand():
    shares = trailing_share([1, 0, 2, 0], [2, 2, 4, 0], minutes=2)
    assert shares.tolist() == [0.5, 0.25, 2 / 6, 0.5]


def test_minutes_without_a_request_have_no_errors():
    assert trailing_share([0, 0], [0, 0], minutes=1).tolist() == [0, 0]


def test_a_blip_of_a_minute_pages_nobody():
    assert not BurnRule().fires(*minutes(300, bad=[150])).any()


def test_an_outage_pages_from_the_ninth_minute_on_and_stops_soon_after():
    on = BurnRule().fires(*minutes(300, bad=range(100, 130)))
    # 14.4 % of an hour are 8.64 minutes
    assert np.flatnonzero(on).min() == 108
    # of the last 5 minutes 14.4 % are bad as long as one of them is
    assert np.flatnonzero(on).max() == 129 + 4


def test_a_slow_burn_pages_nobody_but_a_slower_rule_sees_it():
    errors, total = minutes(6000, bad=range(1000, 6000), share=0.03)
    assert not BurnRule().fires(errors, total).any()
    ticket = BurnRule(factor=1, long_min=3 * 24 * 60, short_min=6 * 60)
    assert ticket.fires(errors, total).any()


def test_false_alarms_are_as_many_as_in_a_simulation():
    rule = BurnRule(budget=0.01, factor=2, long_min=20, short_min=5)
    rng, per_minute, healthy = np.random.default_rng(11), 10, 0.01
    errors = rng.binomial(per_minute, healthy, size=200_000)
    on = rule.fires(errors, np.full(len(errors), per_minute))
    expected = rule.false_alarm(healthy=healthy, per_minute=per_minute)
    assert 0.03 < expected < 0.3
    assert on.mean() == pytest.approx(expected, rel=0.05)


def test_false_alarms_of_one_error_in_one_minute_by_hand():
    rule = BurnRule(budget=0.5, factor=1, long_min=1, short_min=1)
    # 2 requests: alarm on 1 or 2 errors, 1 - 0.9 * 0.9
    assert rule.false_alarm(healthy=0.1, per_minute=2) == pytest.approx(0.19)


def test_more_errors_than_requests_are_refused_with_their_minute():
    with pytest.raises(ValueError, match="3 errors of 2 requests in minute 1"):
        trailing_share([0, 3], [2, 2], minutes=1)
    with pytest.raises(ValueError, match="got 2 and 3"):
        BurnRule().fires([0, 0], [2, 2, 2])


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        ({"budget": 0.1}, "no share of errors can reach 1.44"),  # it would never fire
        ({"factor": 0}, "no share of errors can reach 0"),
        ({"long_min": 4}, "long_min must be 5 or more"),
    ],
)
def test_a_rule_that_could_never_be_right_is_refused(wrong, seen):
    with pytest.raises(ValueError, match=seen):
        BurnRule(**wrong)
