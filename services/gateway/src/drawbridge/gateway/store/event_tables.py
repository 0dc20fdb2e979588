"""Rows of the vaults' event streams: what changed, numbered without a gap in each vault."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from drawbridge.gateway.store.tables import Row
from drawbridge.persistence import big_id, utc


class EventCounterRow(Row, table=True):
    """The number of a vault's last event. Whoever adds events locks it: numbers become visible in order."""

    __tablename__ = "event_counters"

    vault_id: str = Field(primary_key=True)
    last: int = Field(sa_column=Column(BigInteger(), nullable=False))


class EventRow(Row, table=True):
    """One event of a vault; ``data`` is the JSON text that listeners get."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_at", "at"),)

    vault_id: str = Field(primary_key=True)
    number: int = big_id(primary_key=True)
    at: datetime = utc()
    data: str = Field(sa_column=Column(Text(), nullable=False))
