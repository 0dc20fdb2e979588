from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from drawbridge.import_service.domain.sweeping import sweep_is_due

MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)
PROJECT = 1440 * 7 + 90  # its minute is 01:30


def test_a_project_that_was_never_swept_is_due() -> None:
    assert sweep_is_due(None, NOON, PROJECT)


@pytest.mark.parametrize("swept_at", [MIDNIGHT + timedelta(minutes=89), NOON - timedelta(days=1)])
def test_it_is_swept_once_its_minute_of_the_day_has_passed(swept_at: datetime) -> None:
    assert sweep_is_due(swept_at, NOON, PROJECT)


@pytest.mark.parametrize("swept_at", [MIDNIGHT + timedelta(minutes=90), NOON - timedelta(minutes=1)])
def test_it_is_swept_once_only(swept_at: datetime) -> None:
    assert not sweep_is_due(swept_at, NOON, PROJECT)


def test_before_its_minute_the_last_day_counts() -> None:
    early = MIDNIGHT + timedelta(minutes=30)
    assert not sweep_is_due(early - timedelta(hours=20), early, PROJECT)
    assert sweep_is_due(early - timedelta(hours=24), early, PROJECT)


def test_200_projects_spread_over_the_whole_day() -> None:
    swept_at = MIDNIGHT - timedelta(minutes=1)
    hours = Counter(
        next(
            hour for hour in range(1, 25) if sweep_is_due(swept_at, MIDNIGHT + timedelta(hours=hour), project)
        )
        for project in range(598134325599990, 598134325599990 + 200 * 17, 17)
    )
    assert hours.total() == 200
    assert max(hours.values()) <= 16
