"""When a project's invoices are all read again, changed or not (product rule 10).

Procore shows no deletions, and not every edit of a line moves ``updated_at``: only a complete reading finds
them. One a day is enough, and each project has its own minute of the day, so that no hour bears them all.
"""

from datetime import UTC, datetime, time, timedelta

_DAY = timedelta(days=1)
_MINUTES = int(_DAY.total_seconds() // 60)


def sweep_is_due(swept_at: datetime | None, now: datetime, project_id: int) -> bool:
    """Whether the project's minute has passed since it was last swept; at once if it never was."""
    return swept_at is None or swept_at < _last_minute(now, project_id)


def _last_minute(now: datetime, project_id: int) -> datetime:
    """The project's latest minute that is not after ``now``, in UTC."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    due = midnight + timedelta(minutes=project_id % _MINUTES)
    return due if due <= now else due - _DAY
