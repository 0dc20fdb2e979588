"""Contract payments that someone else typed: never doubled, edited or deleted (product, Payments)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Row

NEAR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cover:
    """A foreign row that stands for an allocation; ``evidence`` is for the person who confirms it."""

    allocation_id: UUID
    row_id: int
    evidence: str


def find_covers(
    wanted: Mapping[UUID, Draft], rows: Iterable[Row], overridden: Mapping[UUID, frozenset[int]]
) -> dict[UUID, Cover]:
    """Give each foreign row to at most one allocation, the best agreement first.

    ``overridden`` names the rows that a person said are not this allocation's.
    """
    offers = [
        (_rank(draft, row), row.id, str(allocation), allocation, row)
        for allocation, draft in wanted.items()
        for row in rows
        if row.id not in overridden[allocation] and _covers(draft, row)
    ]
    covers: dict[UUID, Cover] = {}
    used: set[int] = set()
    for _, row_id, _, allocation, row in sorted(offers, key=lambda offer: offer[:3]):
        if allocation not in covers and row_id not in used:
            covers[allocation] = Cover(allocation, row_id, evidence(wanted[allocation], row))
            used.add(row_id)
    return covers


def evidence(draft: Draft, row: Row) -> str:
    """What agrees and what does not, in words."""
    same = [f"check {draft.check_number}"] if _same_check(draft, row) else []
    same += [f"amount {draft.amount:.2f}"] if row.amount == draft.amount else []
    where = "on the same invoice" if row.requisition_id else "on the same commitment, naming no invoice"
    words = f"Someone typed a payment in Procore {where} with the same {' and '.join(same) or 'facts'}"
    if row.amount is not None and row.amount != draft.amount:
        words += f", but its amount is {row.amount:.2f} and the ledger paid {draft.amount:.2f}"
    return f"{words}."


def _covers(draft: Draft, row: Row) -> bool:
    same_amount = row.amount == draft.amount
    if row.requisition_id is not None:
        return row.requisition_id == draft.requisition_id and (same_amount or _same_check(draft, row))
    near = row.date is not None and abs(row.date - draft.date) <= NEAR
    same_invoice = bool(draft.invoice_number) and row.invoice_number == draft.invoice_number
    return _same_check(draft, row) or (same_amount and (same_invoice or near))


def _same_check(draft: Draft, row: Row) -> bool:
    return bool(draft.check_number) and (row.check_number or "").strip() == draft.check_number


def _rank(draft: Draft, row: Row) -> int:
    """Lower is better: check and amount, then check, then amount; a named invoice before none."""
    check, amount = _same_check(draft, row), row.amount == draft.amount
    agreement = 0 if check and amount else 2 if check else 4
    return agreement + (0 if row.requisition_id is not None else 1)
