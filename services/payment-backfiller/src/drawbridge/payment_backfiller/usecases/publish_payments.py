"""Tell the others what changed: allocations that are listed, and the payment state of AP invoices."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.contracts.payments import (
    AllocationState,
    Bill,
    Cover,
    Dismissal,
    InvoicePaymentsState,
    LedgerPayment,
    Match,
    MatchKey,
    PaymentLine,
    Unmatched,
    WriteBack,
)
from drawbridge.contracts.values import Change
from drawbridge.payment_backfiller.domain.money import tidy
from drawbridge.payment_backfiller.domain.payment_state import ZERO, Settlement, settlement
from drawbridge.payment_backfiller.store.allocations import AllocationView, allocations_of_bills
from drawbridge.payment_backfiller.store.bills import bills_tied_to
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.invoices import (
    read_invoice_payments,
    read_invoices,
    vendors_with_open_invoices,
)
from drawbridge.payment_backfiller.store.tables import InvoicePaymentsRow, InvoiceRow
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.persistence import Transaction

INVOICE_UNKNOWN = Problem(
    code="invoice_unknown",
    message="import-service does not know this AP invoice any more; its contract payment stays as it is.",
    advice="After a restore: import the Procore invoice again, then its payments belong to that one; "
    "or untie the bill.",
)
_NOT_STATE = {"version", "change", "snapshot_id"}


async def publish_payments(
    tx: Transaction, vault: Vault, views: Sequence[AllocationView], invoices: Iterable[UUID], cause: Cause
) -> None:
    """Send the state of each allocation and AP invoice that differs from what was sent last."""
    await tx.session.flush()
    ours = await vendors_with_open_invoices(
        tx.session, vault.id, {view.bill.vendor_key for view in views if view.invoice is None}
    )
    for view in views:
        listed = view.bill.vendor_key in ours and _after_go_live(vault, view)
        _publish_allocation(tx, vault, view, cause, listed=listed)
    theirs = {view.invoice.id for view in views if view.invoice is not None}
    await _publish_invoices(tx, vault, theirs | set(invoices), cause)


async def publish_decision(
    tx: Transaction, vault: Vault, view: AllocationView, change: Change, cause: Cause
) -> None:
    """Send the state of an allocation that a person has decided about; it closes the command in any case."""
    await tx.session.flush()
    ours = await vendors_with_open_invoices(tx.session, vault.id, {view.bill.vendor_key})
    listed = view.bill.vendor_key in ours and _after_go_live(vault, view)
    _send(tx, view, _state(vault, view, change, listed=listed), cause)


def _after_go_live(vault: Vault, view: AllocationView) -> bool:
    since = vault.settings.payments_from
    return since is None or view.payment.date >= since


def _publish_allocation(
    tx: Transaction, vault: Vault, view: AllocationView, cause: Cause, *, listed: bool
) -> None:
    """Matched ones are always listed, unmatched ones while their vendor has an open AP invoice."""
    row = view.row
    if view.invoice is None and not listed and row.state is None:
        return
    change = Change(what=f"payment_{row.write_state}", at=tx.now, detail=row.note or view.bill.evidence)
    state = _state(vault, view, change, listed=listed)
    if state.model_dump(mode="json", exclude=_NOT_STATE) != row.state:
        _send(tx, view, state, cause)


def _send(tx: Transaction, view: AllocationView, state: AllocationState, cause: Cause) -> None:
    view.row.version = state.version
    view.row.state = state.model_dump(mode="json", exclude=_NOT_STATE)
    tx.send(state, cause=cause)


def _state(vault: Vault, view: AllocationView, change: Change, *, listed: bool) -> AllocationState:
    row = view.row
    return AllocationState(
        version=vault.next_version(row.version),
        change=change,
        id=row.id,
        vault_id=vault.id,
        ledger=row.ledger,
        payment=_payment(view),
        bill=_bill(view.bill),
        cash=tidy(row.cash),
        discount=tidy(row.discount),
        credit=tidy(row.credit),
        currency=row.currency,
        match=_match(view),
        unmatched=_unmatched(view.bill) if listed and _waits(view) else None,
        dismissed=Dismissal.model_validate(row.dismissed) if row.dismissed else None,
        write_back=_write_back(view),
    )


def _waits(view: AllocationView) -> bool:
    """Whether it waits for an AP invoice."""
    return view.invoice is None and view.facts.live and not view.row.dismissed


def _payment(view: AllocationView) -> LedgerPayment:
    facts, payment = view.facts, view.payment
    return LedgerPayment(
        id=payment.id,
        number=payment.number,
        date=payment.date,
        method=facts.method,
        bank_account=payment.bank_account,
        payee=payment.payee,
        joint_payee=payment.joint_payee,
        voided=facts.voided,
    )


def _bill(bill: BillRow) -> Bill:
    return Bill(
        id=bill.id,
        vendor_code=bill.vendor_code,
        invoice_number=bill.invoice_number,
        total=tidy(bill.total),
        retainage=tidy(bill.retainage),
    )


def _match(view: AllocationView) -> Match | None:
    if view.invoice is None:
        return None
    return Match(
        invoice_id=view.invoice.id,
        project_id=view.invoice.project_id,
        commitment_id=view.invoice.commitment_id,
        requisition_id=view.invoice.requisition_id,
        key=cast("MatchKey", view.bill.match_key),
        evidence=view.bill.evidence,
        problem=INVOICE_UNKNOWN if view.invoice.unknown_since else None,
    )


def _unmatched(bill: BillRow) -> Unmatched:
    return Unmatched(reason=bill.unmatched_reason, candidates=tuple(UUID(each) for each in bill.candidates))


def _write_back(view: AllocationView) -> WriteBack:
    standing = view.standing
    return WriteBack(
        state=standing.state,
        contract_payment_id=standing.row_id,
        offset_id=view.row.offset_id if standing.state == "offset" else None,
        amount=None if view.row.written_amount is None else tidy(view.row.written_amount),
        linked=view.row.linked,
        cover=_cover(view),
        problem=standing.problem,
        note=standing.note,
    )


def _cover(view: AllocationView) -> Cover | None:
    found = view.foreign
    if found is None:
        return None
    return Cover(
        contract_payment_id=found.contract_payment_id,
        evidence=found.evidence,
        confirmed_by=found.confirmed_by,
    )


async def _publish_invoices(tx: Transaction, vault: Vault, ids: Collection[UUID], cause: Cause) -> None:
    if not ids:
        return
    bills = await bills_tied_to(tx.session, vault.id, ids)
    views = await allocations_of_bills(tx.session, vault.id, [bill.id for bill in bills.values()])
    known = await read_invoice_payments(tx.session, ids)
    live = defaultdict[UUID, list[AllocationView]](list)
    for view in views:
        if view.invoice is not None and view.facts.live:
            live[view.invoice.id].append(view)
    for invoice in (await read_invoices(tx.session, ids)).values():
        bill = bills.get(invoice.id)
        if invoice.imported and (bill is not None or invoice.id in known):
            _publish_invoice(tx, vault, invoice, bill, live[invoice.id], known.get(invoice.id), cause)


def _publish_invoice(  # all that is known of one AP invoice's payments
    tx: Transaction,
    vault: Vault,
    invoice: InvoiceRow,
    bill: BillRow | None,
    live: Sequence[AllocationView],
    known: InvoicePaymentsRow | None,
    cause: Cause,
) -> None:
    sums = {name: sum((getattr(view.facts, name) for view in live), ZERO) for name in _PARTS}
    result = settlement(
        net_due=tidy(invoice.net_due),
        bill_total=tidy(bill.total) if bill else None,
        bill_retainage=tidy(bill.retainage) if bill else None,
        settled=sum(sums.values(), ZERO),
    )
    version = vault.next_version(known.version if known else None)
    state = _invoice_state(tx, vault, invoice, live, sums, result, version)
    body = state.model_dump(mode="json", exclude=_NOT_STATE)
    if known is not None and known.state == body:
        return
    row = known or InvoicePaymentsRow(
        invoice_id=invoice.id,
        vault_id=vault.id,
        version=version,
        payment_state=result.state,
        state=body,
        changed_at=tx.now,
    )
    row.version, row.payment_state, row.state, row.changed_at = version, result.state, body, tx.now
    tx.session.add(row)
    tx.send(state, cause=cause)


_PARTS = ("cash", "discount", "credit")


def _invoice_state(  # as above
    tx: Transaction,
    vault: Vault,
    invoice: InvoiceRow,
    live: Sequence[AllocationView],
    sums: dict[str, Decimal],
    result: Settlement,
    version: int,
) -> InvoicePaymentsState:
    parts: dict[str, Any] = dict(sums)
    return InvoicePaymentsState(
        version=version,
        change=Change(what=f"payments_{result.state}", at=tx.now, detail=result.cause),
        vault_id=vault.id,
        invoice_id=invoice.id,
        requisition_id=invoice.requisition_id,
        payment_state=result.state,
        payable=result.payable,
        **parts,
        currency=invoice.currency,
        payments=tuple(_line(view) for view in sorted(live, key=_by_date)),
        cause=result.cause,
    )


def _line(view: AllocationView) -> PaymentLine:
    facts = view.facts
    return PaymentLine(
        allocation_id=facts.id,
        number=facts.number,
        date=facts.date,
        method=facts.method,
        cash=facts.cash,
        write_state=view.standing.state,
    )


def _by_date(view: AllocationView) -> tuple[str, str]:
    return view.payment.date.isoformat(), str(view.row.id)
