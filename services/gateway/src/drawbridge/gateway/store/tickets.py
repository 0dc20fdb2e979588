"""Tickets for event streams: random, used once, kept as a hash."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.gateway.store.identity_tables import TicketRow
from drawbridge.gateway.store.tables import table

_tickets = table(TicketRow)


async def add_ticket(session: AsyncSession, row: TicketRow) -> None:
    """Keep a new ticket."""
    session.add(row)
    await session.flush()


async def take_ticket(session: AsyncSession, ticket_hash: bytes, vault_id: str, now: datetime) -> str | None:
    """Use the ticket up; gives its caller, or None if there is no such ticket for the vault any more."""
    statement = delete(_tickets).where(
        _tickets.c.hash == ticket_hash, _tickets.c.vault_id == vault_id, _tickets.c.expires_at > now
    )
    return (await session.execute(statement.returning(_tickets.c.caller))).scalar_one_or_none()


async def drop_tickets(session: AsyncSession, before: datetime) -> None:
    """Forget those that have expired."""
    await session.execute(delete(_tickets).where(_tickets.c.expires_at < before))
