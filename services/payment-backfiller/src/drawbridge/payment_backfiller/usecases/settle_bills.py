"""After any change of facts: match the bills, decide what should stand in Procore, and plan the way there.

The one place where facts become effects. It runs in a transaction that has locked the vault, may run any
number of times, and changes nothing where nothing has changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.payments import MatchKey
from drawbridge.payment_backfiller.domain.draft import decide
from drawbridge.payment_backfiller.domain.matching import BillToMatch, Candidate, match_bills
from drawbridge.payment_backfiller.domain.money import tidy
from drawbridge.payment_backfiller.domain.standing import after_decision
from drawbridge.payment_backfiller.store.allocations import (
    AllocationView,
    allocations_of_bills,
    bills_with_live_payments,
)
from drawbridge.payment_backfiller.store.bills import bills_tied_to, read_bills, tie_bills
from drawbridge.payment_backfiller.store.commitments import want
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.invoices import candidates, vendors_with_invoices
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.usecases.publish_payments import publish_payments
from drawbridge.payment_backfiller.usecases.reporting import Report
from drawbridge.persistence import NORMAL, NewWork, Transaction

WRITE_BACK = "write_back"


async def settle_bills(
    tx: Transaction, vault: Vault, bill_ids: Collection[str], cause: Cause, *, priority: int = NORMAL
) -> Report:
    """Settle these bills; the vault is locked. ``cause`` is the story, never a command that waits."""
    story = replace(cause, causation_id=None)
    bills, invoices = await _match(tx, vault, bill_ids)
    views = await allocations_of_bills(tx.session, vault.id, list(bills))
    report = Report()
    changed = [view for view in views if _decide(vault, view, report)]
    await want(tx.session, vault.id, {each for view in changed for each in view.commitments()})
    await add_write_backs(tx, vault, _commitments_to_write(views), story, priority=priority)
    await publish_payments(tx, vault, views, invoices, story)
    _count(report, views)
    return report


async def add_write_backs(
    tx: Transaction,
    vault: Vault,
    commitments: Collection[tuple[int, int]],
    cause: Cause,
    *,
    priority: int = NORMAL,
) -> list[bool]:
    """Add the one work item that each commitment (project, commitment) may have."""
    return await tx.add_work(
        *(
            NewWork(
                kind=WRITE_BACK,
                subject=f"commitment/{vault.id}/{project}/{commitment}",
                vault_id=vault.id,
                payload={"project_id": project, "commitment_id": commitment},
                cause=replace(cause, causation_id=None),
                priority=priority,
                unique=True,
            )
            for project, commitment in sorted(commitments)
        )
    )


async def _match(
    tx: Transaction, vault: Vault, bill_ids: Collection[str]
) -> tuple[dict[str, BillRow], set[UUID]]:
    """Tie the bills anew; gives them, and every invoice whose tie or bill may have changed."""
    bills = await read_bills(tx.session, vault.id, bill_ids)
    found = await candidates(tx.session, vault.id, list(bills.values()))
    ties = await bills_tied_to(tx.session, vault.id, [invoice.id for invoice in found])
    loose = {
        ties[each.id].id
        for each in found
        if each.id in ties and (each.ledger_bill_id in bills or ties[each.id].voided)
    }
    if loose - set(bills):
        return await _match(tx, vault, loose | set(bills))
    touched = {bill.invoice_id for bill in bills.values()}
    live = await bills_with_live_payments(tx.session, vault.id, list(bills))
    results = match_bills(
        [_bill(bill, live) for bill in bills.values()],
        [_candidate(invoice, ties.get(invoice.id)) for invoice in found],
        await vendors_with_invoices(tx.session, vault.id, {bill.vendor_key for bill in bills.values()}),
    )
    await tie_bills(tx.session, bills, results)
    touched |= {bill.invoice_id for bill in bills.values()}
    return bills, {each for each in touched if each is not None}


def _bill(bill: BillRow, live: Collection[str]) -> BillToMatch:
    return BillToMatch(
        id=bill.id,
        vendor_code=bill.vendor_code,
        invoice_number=bill.invoice_number,
        total=tidy(bill.total),
        voided=bill.voided,
        has_live_payment=bill.id in live,
        kept_apart=frozenset(UUID(each) for each in bill.kept_apart),
    )


def _candidate(invoice: InvoiceRow, tie: BillRow | None) -> Candidate:
    key: MatchKey | None = tie.match_key if tie else None  # type: ignore[assignment]  # written from a MatchKey
    return Candidate(
        id=invoice.id,
        vendor_code=invoice.vendor_code,
        invoice_number=invoice.invoice_number,
        net_due=tidy(invoice.net_due),
        retainage_held=tidy(invoice.retainage_held),
        ledger_bill_id=invoice.ledger_bill_id,
        tied_bill_id=tie.id if tie else None,
        tied_by=key,
        tied_evidence=tie.evidence if tie else "",
    )


def _decide(vault: Vault, view: AllocationView, report: Report) -> bool:
    """Decide one allocation; true if what should stand in Procore, or where, has changed."""
    before = view.standing
    decision = decide(
        view.facts,
        view.payee,
        payments_from=vault.settings.payments_from,
        written=before.row_id is not None or before.state == "sending",
        dismissed=view.dismissal,
    )
    after = after_decision(before, decision)
    if after == before:
        return False
    view.set_standing(after)
    if after.state == "planned":
        report.counts["planned"] += 1
        report.lines.append(_words(view))
    return after.wanted != before.wanted or after.state != before.state


def _name(view: AllocationView) -> str:
    return f"Payment {view.payment.number or view.payment.id} of {view.payment.date}"


def _words(view: AllocationView) -> str:
    facts, name = view.facts, _name(view)
    if view.row.wanted is None:
        return (
            f"{name}: contract payment {view.row.contract_payment_id} to be removed. {view.row.note}".strip()
        )
    return f"{name}: {facts.cash} {facts.currency} to be written. {view.bill.evidence}"


def _commitments_to_write(views: Sequence[AllocationView]) -> set[tuple[int, int]]:
    return {
        each
        for view in views
        if view.row.write_state in ("planned", "sending")
        for each in view.commitments()
    }


def _count(report: Report, views: Sequence[AllocationView]) -> None:
    """Matched, unmatched and listed, or not ours."""
    for view in views:
        listed = view.row.state is not None and view.row.state.get("unmatched") is not None
        kind = "matched" if view.invoice else "unmatched" if listed else "not_ours"
        report.counts[kind] += 1
        report.counts["allocations"] += 1
        if kind == "unmatched":
            report.lines.append(f"{_name(view)} is unmatched. {view.bill.unmatched_reason}")
