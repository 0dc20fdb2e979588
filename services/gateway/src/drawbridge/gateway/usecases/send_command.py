"""Send a command as an operation: message, operation and audit line in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from drawbridge.contracts.import_commands import ImportCommand
from drawbridge.contracts.payment_commands import AllocationCommand
from drawbridge.contracts.payments import RunJob
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.gateway.domain.operations import Operation, OperationKind
from drawbridge.gateway.store.operations import begin_operations, get_operation, known_operations
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Transaction

type Asked = ImportCommand | RunJob | AllocationCommand | ReprocessRequested


async def send_command(tx: Transaction, asking: Asking, kind: OperationKind, command: Asked) -> Operation:
    """Begin the operation whose id is the command's message id, and audit it."""
    (operation,) = await send_commands(tx, asking, kind, [command])
    shown = command.model_dump(mode="json", exclude_none=True, exclude={"vault_id", "requested_by"})
    await record(
        tx,
        asking,
        kind,
        operation.subject,
        vault_id=operation.vault_id,
        operation_id=str(operation.id),
        **shown,
    )
    return operation


async def send_commands(
    tx: Transaction, asking: Asking, kind: OperationKind, commands: Sequence[Asked]
) -> list[Operation]:
    """As `send_command`, for many commands at once; the caller audits them together.

    What a request that died had begun under the same claim is not begun again.
    """
    operations = [_begin(tx, asking, kind, command) for command in commands]
    known = await known_operations(tx.session, [each.id for each in operations]) if asking.claim else {}
    for operation, command in zip(operations, commands, strict=True):
        if operation.id not in known:
            tx.send(command, cause=asking.cause, message_id=operation.id)
    await begin_operations(tx.session, [each for each in operations if each.id not in known])
    return [known.get(each.id, each) for each in operations]


def _begin(tx: Transaction, asking: Asking, kind: OperationKind, command: Asked) -> Operation:
    operation_id = asking.new_id(f"{kind}/{command.subject()}")
    return Operation.begin(operation_id, kind, command.subject(), asking.caller.name, tx.now)


async def await_operation(tools: Tools, operation_id: UUID, seconds: float) -> Operation:
    """The operation as it is once it has ended, or after so many seconds."""
    if seconds > 0:
        await tools.bell.ended(operation_id, seconds)
    async with tools.database.reading() as session:
        return await get_operation(session, operation_id)
