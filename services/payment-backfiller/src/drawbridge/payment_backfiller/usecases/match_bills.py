"""Find the AP invoices that bills are, by the rules of `domain.matching`, and tie them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from drawbridge.contracts.payments import MatchKey
from drawbridge.payment_backfiller.domain import matching
from drawbridge.payment_backfiller.domain.matching import BillToMatch, Candidate
from drawbridge.payment_backfiller.domain.money import tidy
from drawbridge.payment_backfiller.store.allocations import bills_with_live_payments
from drawbridge.payment_backfiller.store.bills import bills_tied_to, read_bills, tie_bills
from drawbridge.payment_backfiller.store.fact_tables import BillRow
from drawbridge.payment_backfiller.store.invoices import candidates, vendors_with_invoices
from drawbridge.payment_backfiller.store.same_numbers import tie_same_numbers
from drawbridge.payment_backfiller.store.tables import InvoiceRow
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.persistence import Transaction


@dataclass(frozen=True, slots=True)
class Matched:
    """Bills that were matched anew, and the AP invoices that one of them was tied to and is no longer.

    ``plain`` are those of the bills whose ties needed no rules.
    """

    bills: frozenset[str] = frozenset()
    freed: frozenset[UUID] = frozenset()
    plain: frozenset[str] = frozenset()


async def match_bills(
    tx: Transaction, vault: Vault, bill_ids: Collection[str], *, unsettled: bool = False
) -> Matched:
    """Tie the bills anew; the vault is locked. Who settles them later lets the plain ties be marked so."""
    if not bill_ids:
        return Matched()
    tied = await tie_same_numbers(tx.session, vault.id, bill_ids, unsettled=unsettled)
    rest = set(bill_ids) - tied
    others = await _match(tx, vault, rest) if rest else Matched()
    return Matched(others.bills | tied, others.freed, frozenset(tied))


async def _match(tx: Transaction, vault: Vault, bill_ids: Collection[str]) -> Matched:
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
    before = {bill.invoice_id for bill in bills.values() if bill.invoice_id is not None}
    voided = [bill.id for bill in bills.values() if bill.voided]
    live = await bills_with_live_payments(tx.session, vault.id, voided) if voided else set[str]()
    results = matching.match_bills(
        [_bill(bill, live) for bill in bills.values()],
        [_candidate(invoice, ties.get(invoice.id)) for invoice in found],
        await vendors_with_invoices(tx.session, vault.id, {bill.vendor_key for bill in bills.values()}),
    )
    await tie_bills(tx.session, bills, results)
    after = {result.invoice_id for result in results.values() if isinstance(result, matching.Tie)}
    return Matched(frozenset(bills), frozenset(before - after))


def _bill(bill: BillRow, live: Collection[str]) -> BillToMatch:
    """A bill that is not voided keeps its tie anyway, whether it has a live payment or not."""
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
