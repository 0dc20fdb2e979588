"""Ask cloud-service to import Procore invoices by the vault's behavior (product rule 5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from drawbridge.contracts import Problem
from drawbridge.contracts.actions import reprocess_action
from drawbridge.contracts.procore_invoices import ImportState, ProcoreInvoice
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.policy import policy_of
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.store.grid import GridFilter, list_rows
from drawbridge.gateway.store.procore_invoices import get_row, rows_by_id
from drawbridge.gateway.store.vaults import Vault, get_vault
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.send_command import send_command, send_commands
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Transaction

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row of a bulk request: an operation, or the reason why not."""

    requisition_id: int
    operation: Operation | None = None
    problem: Problem | None = None


async def reprocess(tools: Tools, asking: Asking, vault_id: str, requisition_id: int) -> Operation:
    """Publish the request for one row; naming a held row lifts it (product rule 12).

    Raises:
        NotFound: when there is no such vault or row.
        Refused: with the reason, when the row may not be reprocessed.
    """
    async with tools.database.transaction() as tx:
        vault = await get_vault(tx.session, vault_id)
        item = await get_row(tx.session, vault_id, requisition_id)
        reprocess_action(item.row, policy_of(vault.settings)).require()
        return await send_command(tx, asking, "reprocess", _request(vault, item.row, asking))


async def reprocess_named(
    tools: Tools, asking: Asking, vault_id: str, requisition_ids: Sequence[int]
) -> list[RowOutcome]:
    """Publish a request for each named row that may be reprocessed; held ones are lifted."""
    wanted = list(dict.fromkeys(requisition_ids))
    async with tools.database.transaction() as tx:
        vault = await get_vault(tx.session, vault_id)
        rows = await rows_by_id(tx.session, vault_id, wanted)
        outcomes = await _request_all(tx, asking, vault, list(rows.values()))
    unknown = Problem(code="procore_invoice_not_found", message="This vault knows no such Procore invoice.")
    return [outcomes.get(each, RowOutcome(each, problem=unknown)) for each in wanted]


async def reprocess_filtered(
    tools: Tools, asking: Asking, vault_id: str, project_id: int | None, state: ImportState | None
) -> list[RowOutcome]:
    """Publish a request for each row of the filter that may be reprocessed; held rows are skipped.

    Raises:
        Invalid: ``too_many_rows``, when the filter is too wide.
    """
    async with tools.database.transaction() as tx:
        vault = await get_vault(tx.session, vault_id)
        chosen = GridFilter(project_id=project_id, state=state)
        items = await list_rows(tx.session, vault_id, chosen, limit=MOST_ROWS + 1)
        if len(items) > MOST_ROWS:
            raise Invalid(
                "too_many_rows",
                f"The filter matches more than {MOST_ROWS} rows.",
                "Filter by project or state.",
            )
        rows = [item.row for item in items]
        outcomes = await _request_all(tx, asking, vault, [row for row in rows if row.import_state != "held"])
    skipped = Problem(
        code="held", message="Held rows are skipped in bulk.", advice="Name the row to lift it."
    )
    return [outcomes.get(row.requisition_id, RowOutcome(row.requisition_id, problem=skipped)) for row in rows]


async def _request_all(
    tx: Transaction, asking: Asking, vault: Vault, rows: Sequence[ProcoreInvoice]
) -> dict[int, RowOutcome]:
    policy = policy_of(vault.settings)
    actions = {row.requisition_id: reprocess_action(row, policy) for row in rows}
    allowed = [row for row in rows if actions[row.requisition_id].allowed]
    requests = [_request(vault, row, asking) for row in allowed]
    operations = await send_commands(tx, asking, "reprocess", requests)
    await record(
        tx, asking, "reprocess", f"vault/{vault.id}", vault_id=vault.id, requested=len(allowed), of=len(rows)
    )
    outcomes = {
        row.requisition_id: RowOutcome(row.requisition_id, operation)
        for row, operation in zip(allowed, operations, strict=True)
    }
    for requisition_id, action in actions.items():
        problem = Problem(code=action.code, message=action.reason, advice=action.advice)
        outcomes.setdefault(requisition_id, RowOutcome(requisition_id, problem=problem))
    return outcomes


def _request(vault: Vault, row: ProcoreInvoice, asking: Asking) -> ReprocessRequested:
    return ReprocessRequested(
        vault_id=vault.id,
        project_id=row.project_id,
        requisition_id=row.requisition_id,
        requested_by=asking.caller.name,
    )
