"""The inbox: which messages a service has handled, so that a second delivery has no second effect."""

from collections.abc import Iterable, Mapping
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
    """Keys that are new, and the fingerprint under which each key was claimed first."""

    new: frozenset[str]
    fingerprints: Mapping[str, str | None]

    def reused(self, claim: Claim) -> bool:
        """True when the claim's key was first claimed for something else."""
        return claim.fingerprint is not None and self.fingerprints.get(claim.key) != claim.fingerprint


async def claim(database: Database, tx: Transaction, claims: Iterable[Claim]) -> Claimed:
    """Claim messages in the open transaction; of several claims of one key the first counts.

    A second claim of a key waits for the first one's transaction: after its commit it is a repeat, after
    its rollback it is new. Keys are sorted so that two lanes cannot deadlock.
    """
    inbox = database.tables.inbox
    wanted: dict[str, str | None] = {}
    for each in claims:
        wanted.setdefault(each.key, each.fingerprint)
    if not wanted:
        return Claimed(frozenset(), {})
    rows = [{"key": key, "fingerprint": wanted[key]} for key in sorted(wanted)]
    statement = insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.key)
    new = frozenset((await tx.session.execute(statement)).scalars())
    doubtful = [key for key in wanted if key not in new and wanted[key] is not None]
    if doubtful:
        columns = select(inbox.c.key, inbox.c.fingerprint).where(inbox.c.key.in_(doubtful))
        wanted |= {row.key: row.fingerprint for row in (await tx.session.execute(columns)).all()}
    return Claimed(new, wanted)
