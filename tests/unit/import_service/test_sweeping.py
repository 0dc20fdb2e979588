from datetime import UTC, datetime, timedelta

import pytest

from drawbridge.import_service.domain.sweeping import NIGHT, sweep_is_due

ZONE = "America/Chicago"
NOON = datetime(2026, 3, 3, 18, tzinfo=UTC)  # noon in Chicago
MIDNIGHT = datetime(2026, 3, 3, 6, tzinfo=UTC)
PROJECT = 360 * 7 + 90  # its minute is 01:30


def test_a_project_that_was_never_swept_is_due() -> None:
    assert sweep_is_due(None, NOON, ZONE, PROJECT)


@pytest.mark.parametrize("swept_at", [MIDNIGHT + timedelta(minutes=89), NOON - timedelta(days=1)])
def test_it_is_swept_once_its_minute_of_the_night_has_passed(swept_at: datetime) -> None:
    assert sweep_is_due(swept_at, NOON, ZONE, PROJECT)


@pytest.mark.parametrize("swept_at", [MIDNIGHT + timedelta(minutes=90), NOON - timedelta(minutes=1)])
def test_it_is_swept_once_only(swept_at: datetime) -> None:
    assert not sweep_is_due(swept_at, NOON, ZONE, PROJECT)


def test_before_its_minute_the_last_night_counts() -> None:
    early = MIDNIGHT + timedelta(minutes=30)
    assert not sweep_is_due(early - timedelta(hours=20), early, ZONE, PROJECT)
    assert sweep_is_due(early - timedelta(hours=24), early, ZONE, PROJECT)


def test_200_projects_spread_over_the_whole_night() -> None:
    hours = [0] * 6
    for project in range(598134325599990, 598134325599990 + 200 * 17, 17):
        due = next(
            minute
            for minute in range(361)
            if sweep_is_due(
                MIDNIGHT - timedelta(hours=6), MIDNIGHT + timedelta(minutes=minute), ZONE, project
            )
        )
        hours[min(due // 60, 5)] += 1
    assert sum(hours) == 200
    assert max(hours) < 60


def test_a_day_without_two_o_clock_has_its_sweep_too() -> None:
    spring = datetime(2026, 3, 8, 18, tzinfo=UTC)
    project = 360 * 7 + 150  # 02:30, which that day does not have
    assert sweep_is_due(spring - timedelta(days=1), spring, ZONE, project)
    assert timedelta(hours=6) == NIGHT
