"""When digests are due: the same hour on the wall all year, also where the clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from services.notifications.digests.times import last_due, next_due
from services.notifications.domain.subscription import Frequency
from shared.clock import BERLIN

DAILY, WEEKLY = Frequency.DAILY, Frequency.WEEKLY
BEFORE_SPRING = datetime(2026, 3, 28, 16, tzinfo=UTC)
"""Saturday 17:00, the evening before summer time begins."""
BEFORE_AUTUMN = datetime(2026, 10, 24, 15, tzinfo=UTC)


def test_a_day_of_23_hours_and_one_of_25_lie_between_two_digests() -> None:
    assert next_due(DAILY, BEFORE_SPRING) - BEFORE_SPRING == timedelta(hours=23)
    assert next_due(DAILY, BEFORE_AUTUMN) - BEFORE_AUTUMN == timedelta(hours=25)
    for moment in (BEFORE_SPRING, BEFORE_AUTUMN):
        assert last_due(DAILY, next_due(DAILY, moment) - timedelta(seconds=1)) == moment


@pytest.mark.parametrize("frequency", [DAILY, WEEKLY])
def test_it_is_five_on_the_wall_on_every_day_of_two_years(frequency: Frequency) -> None:
    moment, seen = datetime(2026, 1, 1, 3, 17, tzinfo=UTC), []
    while moment.year < 2028:
        last, following = last_due(frequency, moment), next_due(frequency, moment)
        assert last <= moment < following
        local = last.astimezone(BERLIN)
        assert (local.hour, local.minute) == (17, 0)
        assert frequency is DAILY or local.weekday() == 3
        seen.append(last)
        moment += timedelta(hours=7)
    steps = {(b - a) for a, b in pairwise(seen)} - {timedelta()}
    assert {round(step / timedelta(days=1)) for step in steps} == {1 if frequency is DAILY else 7}


def test_the_very_moment_counts() -> None:
    thursday = datetime(2026, 3, 5, 16, tzinfo=UTC)
    assert last_due(WEEKLY, thursday) == last_due(DAILY, thursday) == thursday
    just_before = thursday - timedelta(microseconds=1)
    assert last_due(WEEKLY, just_before) == thursday - timedelta(days=7)
    assert next_due(WEEKLY, just_before) == thursday
