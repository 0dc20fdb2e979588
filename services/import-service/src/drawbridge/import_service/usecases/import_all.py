"""What an import does under its row's lock: enforce the rules, then make AP invoices or queue documents.

One or many at a time. A refusal of one refuses all, and nothing is written: who brought many then brings each
alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drawbridge.contracts.actions import OpenInvoice, import_action
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.import_commands import ImportInvoice
from drawbridge.import_service.domain.mapping import Mapped
from drawbridge.import_service.store.invoices import StoredInvoice, find_invoice
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched
from drawbridge.import_service.usecases.known_vault import policy_of
from drawbridge.import_service.usecases.queue_invoice import queue_invoices
from drawbridge.import_service.usecases.see_invoice import Look, SeenRow, see_rows
from drawbridge.import_service.usecases.telling import require_version
from drawbridge.import_service.usecases.tie_invoice import Filling, Tie, tie_invoices
from drawbridge.persistence import Database, Transaction, WorkItem, current_epoch
from drawbridge.runtime import failpoints

_AFTER_FETCH = failpoints.declare("import_invoice.after_fetch")


@dataclass(frozen=True, slots=True)
class Import:
    """An invoice to import: the item that asks for it and how, what Procore showed, and its content."""

    item: WorkItem
    command: ImportInvoice
    fetched: Fetched
    mapped: Mapped


async def import_all(database: Database, vault: Vault, imports: Sequence[Import]) -> None:
    """Import them, each invoice at most once, and end their items.

    Raises:
        Refused: with the rule's own words.
        DuplicateInvoice: if the vault treats a duplicate as an error.
        LeaseLost: if one of the items is not ours any more.
    """
    failpoints.hit(_AFTER_FETCH)
    async with database.finishing_all([each.item for each in imports]) as tx:
        await _import(tx, vault, imports, await current_epoch(database, tx))


async def _import(tx: Transaction, vault: Vault, imports: Sequence[Import], epoch: int) -> None:
    looks = [Look(each.fetched.seen, each.fetched.at, each.fetched.raw) for each in imports]
    rows = {row.new.state.requisition_id: row for row in await see_rows(tx, vault, looks)}
    ties: list[Tie] = []
    waiting: list[Tie] = []
    for each in imports:
        seen = rows[each.fetched.seen.requisition_id]
        opened = await require_allowed(tx, each.command, vault, seen)
        tie = Tie(seen, _filling(each), each.item.cause, opened)
        (waiting if each.command.target == "queue" else ties).append(tie)
    await tie_invoices(tx, vault, ties, epoch=epoch)
    await queue_invoices(tx, vault, waiting, epoch=epoch)


async def require_allowed(
    tx: Transaction, command: ImportInvoice, vault: Vault, seen: SeenRow
) -> StoredInvoice | None:
    """Enforce the rules; gives the open AP invoice, locked, if there is one.

    Raises:
        Refused: with the rule's own words.
    """
    row = seen.new.state
    require_version(command.expected_version, seen.old.state.version if seen.old else None)
    opened, stored = None, None
    if command.open_invoice_id is not None:
        stored = await find_invoice(tx.session, vault.id, command.open_invoice_id, lock=True)
        if stored is None:
            raise Refused("no_invoice", "The AP invoice that you have open does not exist.", "Open another.")
        opened = OpenInvoice(stored.invoice.id, stored.invoice.blank, stored.invoice.status)
    import_action(row, policy_of(vault.settings), opened).require()
    if command.how == "automated" and row.import_state == "held":
        raise Refused("held", f"It is held: {row.held_reason}.", "Import it by hand or ask to reprocess it.")
    if command.target == "queue" and row.import_state == "in_queue":
        raise Refused("already_in_queue", "It already waits in the queue.", "Nothing needs to be done.")
    return stored


def _filling(each: Import) -> Filling:
    return Filling(
        content=each.mapped.content,
        warnings=each.mapped.warnings,
        content_hash=each.fetched.seen.content_hash,
        updated_at=each.fetched.seen.procore_updated_at,
        raw=each.fetched.requisition.raw,
        by=each.command.requested_by,
        how=each.command.how,
    )
