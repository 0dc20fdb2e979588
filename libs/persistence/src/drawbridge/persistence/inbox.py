"""The inbox: which messages a service has handled, so that a second delivery has no second effect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import CompoundSelect, Select, Table, bindparam, false, func, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from drawbridge.persistence.bulk import bulk_insert
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
    keys = sorted(wanted)
    arrays = {"key": keys, "fingerprint": [wanted[key] for key in keys]}
    answer = (await tx.session.execute(_claiming(inbox), arrays)).all()
    new = frozenset(row.key for row in answer if row.is_new)
    wanted |= {row.key: row.fingerprint for row in answer if row.key not in new}
    told = {row.key for row in answer}
    doubtful = [key for key in keys if key not in told and wanted[key] is not None]
    if doubtful:  # claimed by a transaction that was committed while we waited for it
        known = await tx.session.execute(_fingerprints(inbox, "keys"), {"keys": doubtful})
        wanted |= {row.key: row.fingerprint for row in known}
    return Claimed(new, wanted)


@lru_cache(maxsize=8)
def _claiming(inbox: Table) -> CompoundSelect[str, str | None, bool]:
    """Claim keys, and give those that are claimed, with those that were before."""
    claimed = bulk_insert(inbox, ("key", "fingerprint")).on_conflict_do_nothing()
    new = claimed.returning(inbox.c.key, inbox.c.fingerprint).cte("new")
    before = _fingerprints(inbox, "key").add_columns(false().label("is_new"))
    return union_all(select(new.c.key, new.c.fingerprint, true().label("is_new")), before)


@lru_cache(maxsize=8)
def _fingerprints(inbox: Table, parameter: str) -> Select[str, str | None]:
    keys = bindparam(parameter, type_=ARRAY(inbox.c.key.type, dimensions=1))
    return select(inbox.c.key, inbox.c.fingerprint).where(inbox.c.key == func.any(keys))
