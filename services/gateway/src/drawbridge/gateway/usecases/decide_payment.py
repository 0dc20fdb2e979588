"""Ask payment-backfiller to carry out what a person decided about one payment."""

from uuid import UUID

from drawbridge.contracts.payment_commands import (
    AllocationCommand,
    ConfirmForeign,
    Dismiss,
    ResolveByHand,
    RetryWriteBack,
    TieByHand,
    Untie,
    WriteAnyway,
)
from drawbridge.contracts.payments import AllocationState
from drawbridge.gateway.domain.operations import Operation, OperationKind
from drawbridge.gateway.store.history import HistoryLine, history_of
from drawbridge.gateway.store.payments import get_allocation
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.compare_version import compare_version
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools

_KINDS: dict[type[AllocationCommand], OperationKind] = {
    TieByHand: "tie_payment",
    Untie: "untie_payment",
    Dismiss: "dismiss_payment",
    ConfirmForeign: "confirm_foreign",
    WriteAnyway: "write_anyway",
    RetryWriteBack: "retry_payment",
    ResolveByHand: "resolve_payment",
}


async def decide_payment(tools: Tools, asking: Asking, command: AllocationCommand) -> Operation:
    """Send the command.

    Raises:
        NotFound: when there is no such vault or payment.
        Outdated: when the caller has not seen the newest version.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, command.vault_id)
        known = await get_allocation(tx.session, command.vault_id, command.allocation_id)
        await compare_version(tx.session, command.subject(), command.expected_version, known.version)
        return await send_command(tx, asking, _KINDS[type(command)], command)


async def show_payment(tools: Tools, vault_id: str, allocation_id: UUID) -> AllocationState:
    """One payment on one bill.

    Raises:
        NotFound: when there is no such vault or payment.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await get_allocation(session, vault_id, allocation_id)


async def show_payment_history(tools: Tools, vault_id: str, allocation_id: UUID) -> list[HistoryLine]:
    """What happened to one payment, the newest first.

    Raises:
        NotFound: when there is no such vault or payment.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        await get_allocation(session, vault_id, allocation_id)
        return await history_of(session, f"allocation/{vault_id}/{allocation_id}")
