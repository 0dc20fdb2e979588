"""Which AP invoice a ledger's bill is: by which key, with the evidence in words (product, Payments).

Keys in order: the ledger's bill id; vendor code and invoice number; vendor code, normalised invoice number
and amount. A bill ties to at most one AP invoice and an AP invoice to at most one bill; two claims of equal
rank are ambiguous and wait for a person. A tie, a person's too, stays until a better claim or a voided bill
ends it; what a person has parted is never tied again by itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from drawbridge.contracts.payments import MatchKey
from drawbridge.payment_backfiller.domain.numbers import bill_keys, invoice_keys, same_number, vendor_key

KEYS: tuple[MatchKey, ...] = ("ledger_bill_id", "invoice_number", "normalised_invoice_number")


@dataclass(frozen=True, slots=True)
class BillToMatch:
    """A bill of the ledger; ``has_live_payment`` keeps the tie of a voided bill until the money is back."""

    id: str
    vendor_code: str
    invoice_number: str
    total: Decimal | None
    voided: bool = False
    has_live_payment: bool = False
    kept_apart: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An imported AP invoice that a bill may be.

    ``tied_bill_id`` is the bill that it is tied to, ``tied_by`` the key and ``tied_evidence`` its words.
    """

    id: UUID
    vendor_code: str | None
    invoice_number: str | None
    net_due: Decimal
    retainage_held: Decimal
    ledger_bill_id: str | None = None
    tied_bill_id: str | None = None
    tied_by: MatchKey | None = None
    tied_evidence: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """The bill is this AP invoice."""

    invoice_id: UUID
    key: MatchKey
    evidence: str


@dataclass(frozen=True, slots=True)
class NoTie:
    """No AP invoice yet; ``candidates`` are those that a person may choose from."""

    reason: str
    candidates: tuple[UUID, ...] = ()


type Result = Tie | NoTie


def match_bills(
    bills: Sequence[BillToMatch], candidates: Sequence[Candidate], vendors: Collection[str] | None = None
) -> dict[str, Result]:
    """Match several bills at once, so that two claims on one AP invoice are seen.

    ``vendors`` are the keys of those that have an imported AP invoice; where it is not given, those of the
    candidates.
    """
    results: dict[str, Result] = {}
    open_bills = []
    pool = _Pool(candidates)
    known = {vendor_key(each.vendor_code) for each in candidates} if vendors is None else vendors
    for bill in bills:
        kept = _kept_tie(bill, pool.of(bill))
        if kept is not None:
            results[bill.id] = kept
        elif bill.voided:
            results[bill.id] = NoTie("The bill was voided in the ledger.")
        else:
            open_bills.append(bill)
    taken = {tie.invoice_id: bill_id for bill_id, tie in results.items() if isinstance(tie, Tie)}
    taken |= _tied_to_others(bills, candidates)
    for key in KEYS:
        claims = {bill: _claims(bill, key, pool.of(bill)) for bill in open_bills if bill.id not in results}
        results |= _decide(key, {bill: found for bill, found in claims.items() if found}, taken)
        taken |= {tie.invoice_id: bill_id for bill_id, tie in results.items() if isinstance(tie, Tie)}
    for bill in open_bills:
        results.setdefault(bill.id, _nothing_found(bill, pool.of(bill), known))
    return results


def same_number_evidence(vendor_code: str, invoice_number: str) -> str:
    """Why a bill is an AP invoice of the same vendor and number (`Tie.evidence`)."""
    return f"Vendor {vendor_code} and invoice number {invoice_number} are the same in both."


class _Pool:
    """The candidates, found by what a bill knows: its id, its vendor and number, its tie."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._found: defaultdict[str, list[Candidate]] = defaultdict(list)
        self._order = {each.id: place for place, each in enumerate(candidates)}
        for each in candidates:
            names = {f"bill {name}" for name in (each.ledger_bill_id, each.tied_bill_id) if name}
            for key in {*names, f"id {each.id}", *invoice_keys(each.vendor_code, each.invoice_number)}:
                self._found[key].append(each)

    def of(self, bill: BillToMatch) -> list[Candidate]:
        """All that one of the rules may be about, in the order of the candidates."""
        apart = [f"id {each}" for each in bill.kept_apart]
        keys = [f"bill {bill.id}", *apart, *bill_keys(bill.vendor_code, bill.invoice_number)]
        found = {each.id: each for key in keys for each in self._found.get(key, ())}
        return sorted(found.values(), key=lambda each: self._order[each.id])


def _kept_tie(bill: BillToMatch, candidates: Iterable[Candidate]) -> Tie | None:
    """The tie that the bill has, unless the bill is voided or a ledger bill id now says otherwise."""
    if bill.voided and not bill.has_live_payment:
        return None
    named = [each for each in candidates if each.ledger_bill_id == bill.id and each.id not in bill.kept_apart]
    if named and all(each.tied_bill_id != bill.id for each in named):
        return None
    for each in candidates:
        if each.tied_bill_id == bill.id and each.tied_by and each.ledger_bill_id in (None, bill.id):
            words = each.tied_evidence if each.tied_by == "by_hand" else _evidence(bill, each, each.tied_by)
            return Tie(each.id, each.tied_by, words)
    return None


def _claims(bill: BillToMatch, key: MatchKey, candidates: Iterable[Candidate]) -> list[Candidate]:
    candidates = [each for each in candidates if each.id not in bill.kept_apart]
    if key == "ledger_bill_id":
        return [each for each in candidates if each.ledger_bill_id == bill.id]
    same_vendor = [
        each
        for each in candidates
        if each.ledger_bill_id in (None, bill.id)
        and vendor_key(bill.vendor_code)
        and vendor_key(each.vendor_code) == vendor_key(bill.vendor_code)
    ]
    if key == "invoice_number":
        number = bill.invoice_number.strip()
        return [each for each in same_vendor if number and (each.invoice_number or "").strip() == number]
    return [
        each
        for each in same_vendor
        if same_number(each.invoice_number, bill.invoice_number) and _amount_words(bill, each)
    ]


def _decide(
    key: MatchKey, claims: Mapping[BillToMatch, list[Candidate]], taken: Mapping[UUID, str]
) -> dict[str, Result]:
    """Tie each bill that claims exactly one AP invoice that no other bill of this rank claims."""
    claimants: defaultdict[UUID, list[str]] = defaultdict(list)
    for bill, found in claims.items():
        for each in found:
            claimants[each.id].append(bill.id)
    results: dict[str, Result] = {}
    for bill, found in claims.items():
        ids = tuple(each.id for each in found)
        rival = _rival(bill, found[0], key, taken, claimants)
        if len(found) > 1:
            results[bill.id] = NoTie(f"{len(found)} AP invoices fit this bill equally well.", ids)
        elif rival is not None:
            results[bill.id] = NoTie(f"Bill {rival} of the ledger claims the same AP invoice.", ids)
        else:
            results[bill.id] = Tie(found[0].id, key, _evidence(bill, found[0], key))
    return results


def _rival(
    bill: BillToMatch,
    invoice: Candidate,
    key: MatchKey,
    taken: Mapping[UUID, str],
    claimants: Mapping[UUID, list[str]],
) -> str | None:
    """Another bill that has this AP invoice, or claims it by the same key."""
    if invoice.id in taken and key != "ledger_bill_id":
        return taken[invoice.id]
    return next((bill_id for bill_id in claimants[invoice.id] if bill_id != bill.id), None)


def _tied_to_others(bills: Iterable[BillToMatch], candidates: Iterable[Candidate]) -> dict[UUID, str]:
    """AP invoices that are tied to bills which are not being matched now."""
    now = {bill.id for bill in bills}
    return {
        each.id: each.tied_bill_id
        for each in candidates
        if each.tied_bill_id and each.tied_bill_id not in now
    }


def _nothing_found(bill: BillToMatch, candidates: Sequence[Candidate], vendors: Collection[str]) -> NoTie:
    apart = tuple(each.id for each in candidates if each.id in bill.kept_apart)
    if apart:
        return NoTie("A person has parted this bill from its AP invoice.", apart)
    if not vendor_key(bill.vendor_code):
        return NoTie("The ledger names no vendor for this bill.")
    vendor = vendor_key(bill.vendor_code)
    if vendor not in vendors:
        return NoTie(f"No imported AP invoice has the ledger vendor {bill.vendor_code}.")
    same_vendor = [each for each in candidates if vendor_key(each.vendor_code) == vendor]
    alike = [each for each in same_vendor if same_number(each.invoice_number, bill.invoice_number)]
    if alike:
        return NoTie(
            f"The number {bill.invoice_number} is alike, but the amount {bill.total} is neither its net due "
            "nor its net due plus retainage.",
            tuple(each.id for each in alike),
        )
    return NoTie(f"No imported AP invoice of vendor {bill.vendor_code} has the number {bill.invoice_number}.")


def _amount_words(bill: BillToMatch, invoice: Candidate) -> str:
    """How the amounts agree, or nothing if they do not."""
    if bill.total is None:
        return ""
    if bill.total == invoice.net_due:
        return f"amount {bill.total} = net due"
    if bill.total == invoice.net_due + invoice.retainage_held:
        return f"amount {bill.total} = net due + retainage held"
    return ""


def _evidence(bill: BillToMatch, invoice: Candidate, key: MatchKey) -> str:
    if key == "ledger_bill_id":
        return f"The AP invoice names the ledger's bill {bill.id}."
    if key == "invoice_number":
        return same_number_evidence(bill.vendor_code, bill.invoice_number)
    words = _amount_words(bill, invoice) or f"amount {bill.total}"
    same = f"Vendor {bill.vendor_code} and invoice number {bill.invoice_number}"
    return f"{same} (ours: {invoice.invoice_number}) are alike, and {words}."
