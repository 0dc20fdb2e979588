"""The wall clock. Pure code takes ``now`` as a parameter instead of calling this."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current instant, with the time zone UTC."""
    return datetime.now(UTC)
