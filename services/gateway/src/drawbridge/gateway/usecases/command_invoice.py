"""Ask import-service to do something with one AP invoice (product rules 4, 8, 11 and 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from drawbridge.contracts.import_commands import ChangeInvoice, CodedLine, InvoiceCommand
from drawbridge.contracts.invoices import LineCoding, Overrides
from drawbridge.gateway.domain.operations import Operation, OperationKind
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.store.invoices import StoredInvoice, get_invoice
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.compare_version import compare_version
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class InvoicePatch:
    """What a person changes: only the named members of the overrides, and of the coding of some lines."""

    overrides: Mapping[str, Any] = field(default_factory=dict)
    codings: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


async def command_invoice(
    tools: Tools, asking: Asking, kind: OperationKind, command: InvoiceCommand
) -> Operation:
    """Send the command; whether it is allowed is decided by its owner, on the newest facts.

    Raises:
        NotFound: when there is no such vault or invoice.
        Outdated: when the caller has not seen the newest version.
    """
    async with tools.database.transaction() as tx:
        await _known(tx, command.vault_id, command.invoice_id, command.expected_version)
        return await send_command(tx, asking, kind, command)


async def change_invoice(  # whose change, of which invoice, and of which version
    tools: Tools,
    asking: Asking,
    vault_id: str,
    invoice_id: UUID,
    patch: InvoicePatch,
    expected_version: int | None,
) -> Operation:
    """Merge the patch into the version that the caller has seen, and send the whole.

    Raises:
        NotFound: when there is no such vault or invoice.
        Outdated: when the caller has not seen the newest version.
        Invalid: ``no_such_line``.
    """
    async with tools.database.transaction() as tx:
        known = await _known(tx, vault_id, invoice_id, expected_version)
        overrides = known.invoice.overrides.model_dump() | dict(patch.overrides)
        command = ChangeInvoice(
            vault_id=vault_id,
            invoice_id=invoice_id,
            overrides=Overrides.model_validate(overrides),
            lines=_coded(known, patch.codings),
            requested_by=asking.caller.name,
            expected_version=known.version if expected_version is None else expected_version,
        )
        return await send_command(tx, asking, "change_invoice", command)


async def _known(
    tx: Transaction, vault_id: str, invoice_id: UUID, expected_version: int | None
) -> StoredInvoice:
    await get_vault(tx.session, vault_id)
    stored = await get_invoice(tx.session, vault_id, invoice_id)
    subject = f"invoice/{vault_id}/{invoice_id}"
    await compare_version(tx.session, subject, expected_version, stored.version)
    return stored


def _coded(known: StoredInvoice, codings: Mapping[int, Mapping[str, Any]]) -> Sequence[CodedLine]:
    content = known.invoice.content
    lines = {line.procore_line_id: line for line in content.lines} if content else {}
    unknown = codings.keys() - lines.keys()
    if unknown:
        raise Invalid("no_such_line", f"This AP invoice has no line {min(unknown)}.", "Read its lines again.")
    return tuple(
        CodedLine(
            procore_line_id=line_id,
            coding=LineCoding.model_validate(lines[line_id].coding.model_dump() | dict(members)),
        )
        for line_id, members in codings.items()
    )
