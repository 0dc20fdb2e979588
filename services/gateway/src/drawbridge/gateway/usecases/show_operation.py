"""Show what became of a command, to those who may see its vault."""

from uuid import UUID

from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.operations import get_operation, no_operation
from drawbridge.gateway.usecases.tools import Asking, Tools


async def show_operation(tools: Tools, asking: Asking, operation_id: UUID) -> Operation:
    """One operation as it is now.

    Raises:
        NotFound: when there is none of that id in the vaults that the caller sees.
    """
    async with tools.database.reading() as session:
        operation = await get_operation(session, operation_id)
    if not asking.caller.sees(operation.vault_id):
        raise no_operation(operation_id)
    return operation
