"""Rows about who may do what: API keys of machines, grants to people, and tickets for event streams."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field

from drawbridge.gateway.store.tables import Row
from drawbridge.persistence import json_column, utc


class ApiKeyRow(Row, table=True):
    """A machine's key. Only hashes of secrets are here; the one before a rotation may live on."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    secret_hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    previous_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary(), nullable=True))
    previous_until: datetime | None = utc(nullable=True)
    operator: bool
    roles: dict[str, Any] = json_column()
    created_at: datetime = utc()
    created_by: str
    rotated_at: datetime | None = utc(nullable=True)
    expires_at: datetime | None = utc(nullable=True)
    revoked_at: datetime | None = utc(nullable=True)
    revoked_by: str | None = None
    last_used_at: datetime | None = utc(nullable=True)


class GrantRow(Row, table=True):
    """A role in a vault, given to the subject of a token; the vault ``*`` stands for the whole instance."""

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_vault_id", "vault_id"),)

    subject: str = Field(primary_key=True)
    vault_id: str = Field(primary_key=True)
    role: str
    granted_at: datetime = utc()
    granted_by: str


class TicketRow(Row, table=True):
    """A browser's way to one event stream of one vault; used once, and only the hash of it is here."""

    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_expires_at", "expires_at"),)

    hash: bytes = Field(sa_column=Column(LargeBinary(), primary_key=True))
    caller: str
    vault_id: str
    expires_at: datetime = utc()
