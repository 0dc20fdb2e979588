"""When a job runs next: a five-field cron expression in the vault's own time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from drawbridge.contracts.errors import Refused


def next_run(schedule: str, time_zone: str, after: datetime) -> datetime:
    """The first moment of the schedule strictly after ``after``, in UTC.

    Raises:
        Refused: ``schedule`` or ``time_zone``, when one of them cannot be read or never comes.
    """
    try:
        local = after.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refused(
            "time_zone", f"There is no time zone {time_zone!r}.", "Use a name such as America/Denver."
        ) from error
    try:
        return next(CronSim(schedule, local)).astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise Refused(
            "schedule",
            f"The schedule {schedule!r} cannot be read or never comes.",
            "Use five cron fields, such as '0 * * * *' for every full hour.",
        ) from error
