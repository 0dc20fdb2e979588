"""The grid's range: past N days, today included, in the vault's time zone (product rule 1)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def first_day(now: datetime, time_zone: str, past_days: int) -> date:
    """The earliest billing date that is shown; 1 means today only."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    return today - timedelta(days=min(past_days - 1, today.toordinal() - 1))
