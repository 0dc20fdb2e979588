"""Bring a row up to a look at Procore, under its lock; a look that began earlier never wins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.import_service.domain.grid_row import Seen, see
from drawbridge.import_service.store.grid import GridRow, add_missing, lock_rows
from drawbridge.import_service.store.tables import JsonObject
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched
from drawbridge.import_service.usecases.telling import raised
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at Procore showed of one invoice, when it began, and its original if that is a new one."""

    seen: Seen
    at: datetime
    raw: JsonObject | None


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A locked row before and after the look; ``old`` is None for one that nobody was told of yet."""

    old: GridRow | None
    new: GridRow

    @property
    def changed(self) -> bool:
        """Whether others must be told."""
        return self.old is None or self.old.state != self.new.state

    def as_told(self, state: ProcoreInvoice, epoch: int) -> GridRow:
        """The new row in this state, under its next subject version."""
        return replace(self.new, state=raised(state, self.old.state if self.old else None, epoch))


async def see_rows(tx: Transaction, vault: Vault, looks: Sequence[Look]) -> list[SeenRow]:
    """Lock the rows and give what they become; nothing is written but the place of new ones."""
    by_id = {look.seen.requisition_id: look for look in looks}
    fresh = [_fresh(vault, look, tx.now) for look in by_id.values()]
    known = await lock_rows(tx.session, vault.id, by_id)
    missing = [row for row in fresh if row.state.requisition_id not in known]
    if missing:
        added = await add_missing(tx.session, vault.id, missing)
        met = {row.state.requisition_id for row in missing} - added
        known |= await lock_rows(tx.session, vault.id, met) if met else {}
    return [
        _seen_row(vault, look, known.get(look.seen.requisition_id), tx.now)
        for _, look in sorted(by_id.items())
    ]


async def see_fetched(tx: Transaction, vault: Vault, fetched: Fetched) -> SeenRow:
    """The same for one fetched invoice."""
    look = Look(fetched.seen, fetched.at, fetched.raw)
    return (await see_rows(tx, vault, [look]))[0]


def _fresh(vault: Vault, look: Look, now: datetime) -> GridRow:
    return GridRow(see(None, look.seen, vault.settings, now), None, look.at, look.raw)


def _seen_row(vault: Vault, look: Look, old: GridRow | None, now: datetime) -> SeenRow:
    if old is None:
        return SeenRow(None, _fresh(vault, look, now))
    if old.seen_at > look.at:
        return SeenRow(old, old)
    state = see(old.state, look.seen, vault.settings, now, old.imported_hash)
    return SeenRow(old, replace(old, state=state, seen_at=look.at, raw=look.raw))
