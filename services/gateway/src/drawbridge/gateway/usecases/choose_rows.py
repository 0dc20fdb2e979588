"""Which rows a bulk request is about: named ones, or those of a filter (product rule 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts import Problem
from drawbridge.contracts.procore_invoices import ImportState, ProcoreInvoice
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.store.procore_invoices import latest_rows, rows_by_id
from drawbridge.gateway.store.vaults import Vault, get_vault

MOST_ROWS = 10_000

_UNKNOWN = Problem(
    code="procore_invoice_not_found",
    message="This vault knows no such Procore invoice.",
    advice="Re-read its project, then ask again.",
)
_HELD = Problem(code="held", message="Held rows are skipped in bulk.", advice="Name the row to lift it.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows by name, or by project and state where none are named."""

    requisition_ids: Sequence[int] | None = None
    project_id: int | None = None
    state: ImportState | None = None


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row of a bulk request: an operation, or the reason why not."""

    requisition_id: int
    operation: Operation | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """The rows to work on, and what is said of those that are left out, in the order of the request."""

    vault: Vault
    rows: list[ProcoreInvoice]
    left_out: dict[int, Problem]
    order: list[int]

    def outcomes(self, done: Mapping[int, RowOutcome]) -> list[RowOutcome]:
        """One outcome for each row that was chosen."""
        return [
            done.get(each) or RowOutcome(each, problem=self.left_out.get(each, _UNKNOWN))
            for each in self.order
        ]


async def choose_rows(session: AsyncSession, vault_id: str, choice: Choice) -> ChosenRows:
    """Named rows, held ones too; or all of the filter but held ones.

    Raises:
        NotFound: when there is no such vault.
        Invalid: ``too_many_rows``, when the filter is too wide.
    """
    vault = await get_vault(session, vault_id)
    if choice.requisition_ids is not None:
        wanted = list(dict.fromkeys(choice.requisition_ids))
        known = await rows_by_id(session, vault_id, wanted)
        return ChosenRows(vault, list(known.values()), {}, wanted)
    rows = await latest_rows(
        session, vault_id, project_id=choice.project_id, state=choice.state, limit=MOST_ROWS + 1
    )
    if len(rows) > MOST_ROWS:
        raise Invalid(
            "too_many_rows",
            f"The filter matches more than {MOST_ROWS} rows.",
            "Filter by project or state.",
        )
    held = {row.requisition_id: _HELD for row in rows if row.import_state == "held"}
    free = [row for row in rows if row.requisition_id not in held]
    return ChosenRows(vault, free, held, [row.requisition_id for row in rows])
