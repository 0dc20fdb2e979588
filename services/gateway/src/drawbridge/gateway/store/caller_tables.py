"""Rows that the gateway keeps for its callers: answers that may be asked for again, and preferences."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field

from drawbridge.gateway.store.tables import Row
from drawbridge.persistence import big_id, json_column, utc


class AnswerRow(Row, table=True):
    """The answer to a request that carried an ``Idempotency-Key``; without ``status`` it is still running.

    ``claim`` is one for the life of the key: the ids of what the request makes are derived from it.
    """

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_claimed_at", "claimed_at"),)

    caller: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    claim: UUID
    fingerprint: str
    claimed_at: datetime = utc()
    status: int | None = None
    headers: dict[str, str] | None = json_column(nullable=True)
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary(), nullable=True))


class PreferenceRow(Row, table=True):
    """What a front end remembers for a caller under a name of its own."""

    __tablename__ = "preferences"

    caller: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int = big_id()
    value: Any = json_column()
    updated_at: datetime = utc()
