"""When a job runs next."""

from datetime import UTC, datetime

import pytest

from drawbridge.contracts.errors import Refused
from drawbridge.payment_backfiller.domain.schedule import next_run


def test_schedule_is_in_the_vaults_time_zone() -> None:
    after = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
    assert next_run("30 6 * * *", "America/Denver", after) == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


def test_next_is_strictly_later() -> None:
    now = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert next_run("0 * * * *", "UTC", now) == datetime(2026, 7, 1, 13, 0, tzinfo=UTC)


def test_an_hour_that_summer_time_skips_still_runs_that_day() -> None:
    after = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert next_run("30 2 * * *", "America/Denver", after).date() == datetime(2026, 3, 8, tzinfo=UTC).date()


@pytest.mark.parametrize(
    ("schedule", "zone"), [("nonsense", "UTC"), ("0 0 31 2 *", "UTC"), ("0 * * * *", "Mars/X")]
)
def test_what_cannot_be_read_is_refused(schedule: str, zone: str) -> None:
    with pytest.raises(Refused):
        next_run(schedule, zone, datetime(2026, 7, 1, tzinfo=UTC))
