"""Ask import-service to re-read an AP invoice: first a preview, then exactly that (product rule 4)."""

from uuid import UUID

from drawbridge.contracts.import_commands import RefreshInvoice
from drawbridge.gateway.domain.operations import Operation, OperationKind
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.store.invoices import get_invoice
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


async def refresh_invoice(
    tools: Tools,
    asking: Asking,
    vault_id: str,
    invoice_id: UUID,
    *,
    content_hash: str | None,
    expected_version: int | None = None,
) -> Operation:
    """Without a hash only look; with the hash of a preview apply it.

    Raises:
        NotFound: when there is no such vault or invoice.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        await get_invoice(tx.session, vault_id, invoice_id)
        command = RefreshInvoice(
            vault_id=vault_id,
            invoice_id=invoice_id,
            preview=content_hash is None,
            content_hash=content_hash,
            requested_by=asking.caller.name,
            expected_version=expected_version,
        )
        kind: OperationKind = "refresh_preview" if command.preview else "refresh_invoice"
        return await send_command(tx, asking, kind, command)


def preview_or_apply(*, preview: bool, content_hash: str | None) -> None:
    """A caller says one of the two.

    Raises:
        Invalid: for both or neither.
    """
    if preview == (content_hash is not None):
        raise Invalid(
            "preview_or_apply",
            "Send either preview: true or the content_hash of a preview.",
            "Preview first, show the differences, then apply them by their content_hash.",
        )
