"""Try one ledger, read-only, and tell what was seen or what is wrong."""

from collections.abc import Iterable, Iterator

from drawbridge.contracts.errors import Problem, Refused, Retryable
from drawbridge.ledgers import Bill, LedgerSource, PaymentFacts, Sample

_LONGEST = 50


async def check_ledger(ledger: LedgerSource, show: int) -> tuple[list[str], bool]:
    """Read the ledger once; gives lines for people, and whether all of it can be read."""
    try:
        sample = await ledger.check(show)
    except (Refused, Retryable) as error:
        return [_sentence(error.problem)], False
    finally:
        await ledger.close()
    return list(_lines(ledger.name, sample)), not sample.unreadable


def _lines(name: str, sample: Sample) -> Iterator[str]:
    yield f"{name}: {sample.bill_rows} bills, {sample.payment_rows} rows of payments."
    yield from _listed("First bills", map(_bill, sample.bills))
    yield from _listed("First payments", (line for facts in sample.payments for line in _payment(facts)))
    if not sample.unreadable:
        yield "Everything can be read."
        return
    shown = sample.unreadable[:_LONGEST]
    yield from _listed(f"{len(sample.unreadable)} that cannot be read", map(str, shown))
    if len(shown) < len(sample.unreadable):
        yield f"  … and {len(sample.unreadable) - len(shown)} more"


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{title}:"
    yield from (f"  {line}" for line in list(lines) or ["none"])


def _bill(bill: Bill) -> str:
    held = f", {bill.retainage} held" if bill.retainage else ""
    void = ", void" if bill.voided else ""
    return f"{bill.id}: {bill.vendor_code} {bill.invoice_number!r}, {bill.total} {bill.currency}{held}{void}"


def _payment(facts: PaymentFacts) -> Iterator[str]:
    payment = facts.payment
    number = payment.number or "(no number)"
    yield f"{payment.id}: {payment.method} {number} of {payment.date}, {payment.state}"
    for each in facts.allocations:
        yield f"  bill {each.bill_id}: {each.cash} cash, {each.discount} discount, {each.credit} credit"


def _sentence(problem: Problem) -> str:
    return f"{problem.message} {problem.advice}".strip()
