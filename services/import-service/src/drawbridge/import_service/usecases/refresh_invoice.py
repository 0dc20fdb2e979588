"""Re-read an imported AP invoice: first a preview, then exactly what was previewed (product rule 4)."""

from dataclasses import replace

from drawbridge.contracts.actions import refresh_action
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.import_commands import RefreshInvoice
from drawbridge.contracts.invoices import Invoice, InvoiceContent
from drawbridge.contracts.outcomes import RefreshPreviewed
from drawbridge.contracts.values import Change, version_after
from drawbridge.import_service.domain import ap_invoice, grid_row
from drawbridge.import_service.domain.diff import differences
from drawbridge.import_service.domain.duplicates import guard_duplicate
from drawbridge.import_service.domain.mapping import Mapped
from drawbridge.import_service.domain.refusals import no_invoice
from drawbridge.import_service.store.grid import GridRow, find_row, save_rows
from drawbridge.import_service.store.invoices import (
    StoredInvoice,
    change_invoice,
    find_duplicates,
    find_invoice,
)
from drawbridge.import_service.store.vaults import Vault
from drawbridge.import_service.usecases.fetch_invoice import Fetched, fetch_invoice
from drawbridge.import_service.usecases.known_vault import known_vault, require_active
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.see_invoice import SeenRow, see_fetched
from drawbridge.import_service.usecases.telling import refuse, require_version, tell_invoice
from drawbridge.persistence import Database, Transaction, WorkItem, current_epoch

CHANGED = Problem(
    code="changed_in_procore",
    message="The invoice was changed in Procore since the preview.",
    advice="Look at the differences; repeat with the new content hash to apply them.",
)


class InvoiceRefresher:
    """Works on `RefreshInvoice`. Ours stay: vendor code, coding of lines, overrides, notes."""

    def __init__(self, database: Database, access: ProcoreAccess) -> None:
        self._database = database
        self._access = access

    async def run(self, item: WorkItem, command: RefreshInvoice) -> None:
        """Preview, or apply what the content hash stands for.

        Raises:
            Refused: when the invoice may not be refreshed, or Procore's cannot be read.
            Retryable: when Procore does not answer.
        """
        vault = await known_vault(self._database, item)
        require_active(vault)
        stored, content = await self._refreshable(vault, command)
        fetched = await self._fetch(vault, stored)
        mapped = fetched.mapped()
        if command.preview:
            await self._preview(item, command, content, mapped, fetched)
        elif command.content_hash != fetched.seen.content_hash:
            async with self._database.finishing(item) as tx:
                changed = differences(content, mapped.content)
                refuse(tx, command, CHANGED, item.cause, changed, fetched.seen.content_hash)
        else:
            await self._apply(item, command, vault, mapped, fetched)

    async def failed(
        self, tx: Transaction, item: WorkItem, command: RefreshInvoice, problem: Problem
    ) -> None:
        """Say that the last attempt failed; nothing was changed."""
        refuse(tx, command, problem, item.cause)

    async def _refreshable(
        self, vault: Vault, command: RefreshInvoice
    ) -> tuple[StoredInvoice, InvoiceContent]:
        async with self._database.reading() as session:
            stored = await find_invoice(session, vault.id, command.invoice_id)
            if stored is None:
                raise no_invoice()
            if stored.requisition_id is None or stored.invoice.content is None:
                raise Refused("no_source", "This AP invoice did not come from Procore.")
            row = await find_row(session, vault.id, stored.requisition_id)
        if row is not None:
            refresh_action(row.state).require()
        return stored, stored.invoice.content

    async def _fetch(self, vault: Vault, stored: StoredInvoice) -> Fetched:
        source = stored.invoice.source
        if source is None:
            raise Refused("no_source", "This AP invoice did not come from Procore.")
        procore = self._access.of(vault.settings)
        return await fetch_invoice(self._database, procore, vault, source.project_id, source.requisition_id)

    async def _preview(
        self,
        item: WorkItem,
        command: RefreshInvoice,
        ours: InvoiceContent,
        mapped: Mapped,
        fetched: Fetched,
    ) -> None:
        async with self._database.finishing(item) as tx:
            if item.cause.causation_id is None:
                return
            answer = RefreshPreviewed(
                vault_id=command.vault_id,
                command_id=item.cause.causation_id,
                command_subject=command.subject(),
                invoice_id=command.invoice_id,
                differences=differences(ours, mapped.content),
                content_hash=fetched.seen.content_hash,
            )
            tx.send(answer, cause=item.cause)

    async def _apply(
        self, item: WorkItem, command: RefreshInvoice, vault: Vault, mapped: Mapped, fetched: Fetched
    ) -> None:
        async with self._database.finishing(item) as tx:
            seen = await see_fetched(tx, vault, fetched)
            refresh_action(seen.new.state).require()
            stored = await find_invoice(tx.session, vault.id, command.invoice_id, lock=True)
            if stored is None or stored.invoice.source is None:
                raise no_invoice()
            require_version(command.expected_version, stored.version)
            refreshed = await _refreshed(tx, vault, stored, mapped, fetched)
            epoch = await current_epoch(self._database, tx)
            result = StoredInvoice(refreshed, version_after(stored.version, epoch), stored.requisition_id)
            await change_invoice(tx.session, result, fetched.requisition.raw)
            row = _row(vault, seen, fetched, tx, epoch)
            await save_rows(tx.session, vault.id, [row])
            change = Change(what="refreshed", at=tx.now, by=command.requested_by)
            tell_invoice(tx, vault.id, result, row.state, change, item.cause)


async def _refreshed(
    tx: Transaction, vault: Vault, stored: StoredInvoice, mapped: Mapped, fetched: Fetched
) -> Invoice:
    """The invoice with Procore's content; who imported it and when stays as it was."""
    invoice = stored.invoice
    if invoice.source is None:
        raise no_invoice()
    warnings = mapped.warnings
    if await find_duplicates(tx.session, vault.id, {invoice.id: mapped.content.header}):
        warnings += (guard_duplicate(mapped.content.header, vault.settings),)
    source = invoice.source.model_copy(
        update={
            "commitment_id": fetched.seen.commitment.id,
            "updated_at": fetched.seen.procore_updated_at,
            "content_hash": fetched.seen.content_hash,
        }
    )
    return ap_invoice.refreshed(invoice, mapped.content, source, warnings)


def _row(vault: Vault, seen: SeenRow, fetched: Fetched, tx: Transaction, epoch: int) -> GridRow:
    """The row, now compared with the content that was just applied."""
    imported_hash = fetched.seen.content_hash
    state = grid_row.see(seen.new.state, fetched.seen, vault.settings, tx.now, imported_hash)
    return replace(seen.as_told(state, epoch), imported_hash=imported_hash)
