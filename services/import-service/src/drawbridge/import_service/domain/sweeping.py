"""When a project's invoices are all read again, changed or not (product rule 10).

Procore shows no deletions, and not every edit of a line moves ``updated_at``: only a complete reading finds
them. One each night is enough, and each project has its own minute of it, so that no hour bears them all.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHT = timedelta(hours=6)
"""From midnight on, in the vault's time zone."""

_MINUTES = int(NIGHT.total_seconds() // 60)


def sweep_is_due(swept_at: datetime | None, now: datetime, time_zone: str, project_id: int) -> bool:
    """Whether the project's minute has passed since it was last swept; at once if it never was."""
    return swept_at is None or swept_at < _last_minute(now, ZoneInfo(time_zone), project_id)


def _last_minute(now: datetime, zone: ZoneInfo, project_id: int) -> datetime:
    """The project's latest minute of a night that is not after ``now``."""
    offset = timedelta(minutes=project_id % _MINUTES)
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    due = midnight + offset
    return due if due <= now else due - timedelta(days=1)
