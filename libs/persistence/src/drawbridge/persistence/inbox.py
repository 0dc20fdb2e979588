"""The inbox: which messages a service has handled, so that a second delivery has no second effect."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from drawbridge.persistence.database import Database
from drawbridge.persistence.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Claim:
    """A message's key, and optionally a fingerprint of its meaning, to tell a repeat from a reused id."""

    key: str
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Keys that are new, and keys that were used before with another fingerprint."""

    new: frozenset[str]
    reused: frozenset[str]


async def claim(database: Database, tx: Transaction, claims: Iterable[Claim]) -> Claimed:
    """Claim messages in the open transaction.

    A second claim of a key waits for the first one's transaction: after its commit it is a repeat, after
    its rollback it is new (pitfall S10). Keys are sorted so that two lanes cannot deadlock.
    """
    inbox = database.tables.inbox
    wanted = {each.key: each for each in sorted(claims, key=lambda each: each.key, reverse=True)}
    rows = [{"key": key, "fingerprint": wanted[key].fingerprint} for key in sorted(wanted)]
    if not rows:
        return Claimed(frozenset(), frozenset())
    statement = insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.key)
    new = frozenset((await tx.session.execute(statement)).scalars())
    doubtful = [key for key in wanted if key not in new and wanted[key].fingerprint is not None]
    reused: set[str] = set()
    if doubtful:
        known = await tx.session.execute(
            select(inbox.c.key, inbox.c.fingerprint).where(inbox.c.key.in_(doubtful))
        )
        reused = {key for key, fingerprint in known.all() if fingerprint != wanted[key].fingerprint}
    return Claimed(new, frozenset(reused))
