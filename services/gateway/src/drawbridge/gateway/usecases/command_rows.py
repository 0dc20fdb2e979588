"""Send one command for each chosen row that allows it; every row has its own outcome."""

from collections.abc import Callable

from drawbridge.contracts import Problem
from drawbridge.contracts.actions import Action
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.gateway.domain.operations import OperationKind
from drawbridge.gateway.usecases.choose_rows import ChosenRows, RowOutcome
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.send_command import Asked, send_commands
from drawbridge.gateway.usecases.tools import Asking
from drawbridge.persistence import Transaction


async def command_rows(  # for whom, what, for which rows
    tx: Transaction,
    asking: Asking,
    kind: OperationKind,
    chosen: ChosenRows,
    decide: Callable[[ProcoreInvoice], Action],
    command: Callable[[ProcoreInvoice], Asked],
) -> list[RowOutcome]:
    """The outcomes in the order of the request; the audit trail has one line for all."""
    actions = {row.requisition_id: decide(row) for row in chosen.rows}
    allowed = [row for row in chosen.rows if actions[row.requisition_id].allowed]
    operations = await send_commands(tx, asking, kind, [command(row) for row in allowed])
    vault_id = chosen.vault.id
    counts = {"requested": len(allowed), "of": len(chosen.order)}
    await record(tx, asking, kind, f"vault/{vault_id}", vault_id=vault_id, **counts)
    outcomes = {
        row.requisition_id: RowOutcome(row.requisition_id, operation)
        for row, operation in zip(allowed, operations, strict=True)
    }
    for requisition_id, action in actions.items():
        problem = Problem(code=action.code, message=action.reason, advice=action.advice)
        outcomes.setdefault(requisition_id, RowOutcome(requisition_id, problem=problem))
    return chosen.outcomes(outcomes)
