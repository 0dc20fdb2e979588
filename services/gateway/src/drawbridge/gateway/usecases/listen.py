"""Listen to a vault: tickets for browsers, which cannot send a header with a stream, and old events' end."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from drawbridge.gateway.domain.refusals import Unauthenticated
from drawbridge.gateway.store.events import drop_events
from drawbridge.gateway.store.identity_tables import TicketRow
from drawbridge.gateway.store.tickets import add_ticket, drop_tickets, take_ticket
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Database
from drawbridge.runtime import utc_now

TICKET_LIFE = timedelta(seconds=60)
EVENTS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as the browser gets it."""

    text: str
    expires_at: datetime


async def issue_ticket(tools: Tools, asking: Asking, vault_id: str) -> Ticket:
    """A ticket for one stream of the vault, to be used within a minute.

    Raises:
        NotFound: when there is no such vault.
    """
    text = secrets.token_urlsafe(32)
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        expires_at = tx.now + TICKET_LIFE
        row = TicketRow(hash=_hash(text), caller=asking.caller.name, vault_id=vault_id, expires_at=expires_at)
        await add_ticket(tx.session, row)
    return Ticket(text, expires_at)


async def redeem_ticket(tools: Tools, vault_id: str, ticket: str) -> str:
    """Use a ticket up; gives its caller.

    Raises:
        Unauthenticated: when it is none for this vault, was used, or has expired.
    """
    async with tools.database.transaction() as tx:
        caller = await take_ticket(tx.session, _hash(ticket), vault_id, tx.now)
    if caller is None:
        raise Unauthenticated("This ticket was used, has expired, or is for another vault.")
    return caller


async def forget_events(database: Database) -> None:
    """Drop events and tickets that nobody can ask for any more."""
    now = utc_now()
    async with database.transaction() as tx:
        await drop_events(tx.session, now - EVENTS_KEPT)
        await drop_tickets(tx.session, now)


def _hash(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()
