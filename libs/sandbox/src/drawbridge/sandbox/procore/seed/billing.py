"""The invoices of the seed: who bills what and when."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from drawbridge.sandbox.procore.invoices.contract import Contract, InvoicePlan, apply_for_payment
from drawbridge.sandbox.procore.invoices.lines import ZERO, Claim
from drawbridge.sandbox.procore.invoices.requisition import requisition_record
from drawbridge.sandbox.procore.seed import script
from drawbridge.sandbox.procore.seed.contracts import add_change_order
from drawbridge.sandbox.procore.seed.places import add_period
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.values import Record, cents

DAYS_BETWEEN = 9
TYPES = {
    script.RETAINAGE_RELEASE: "retainage_release",
    script.MIXED: "progress_and_retainage_release",
}
HALF = Decimal("0.5")


def add_invoices(procore: Procore, rng: Random, today: date) -> dict[tuple[int, int], Record]:
    """Bill every contract; gives each requisition by (contract index, invoice number)."""
    billed: dict[tuple[int, int], Record] = {}
    for index, contract in enumerate(procore.contracts.values()):
        last = 1 if index in script.SINGLE_INVOICE else script.LAST
        newest = today - timedelta(days=rng.randint(1, 3))
        for number in range(1, last + 1):
            key = (index, number)
            new = add_change_order(procore, contract) if key == script.NEW_CHANGE_ORDER else frozenset[int]()
            billing_date = newest - timedelta(days=DAYS_BETWEEN * (last - number))
            plan = InvoicePlan(
                requisition_id=procore.ids.next("requisition"),
                billing_date=billing_date,
                period=add_period(procore, contract.project["id"], billing_date),
                created_at=_at(billing_date, time(9, rng.randint(0, 59))),
                updated_at=_at(billing_date, time(16, rng.randint(0, 59))),
                claims=_claims(contract, key, rng),
                status=script.LAST_STATUS.get(index, "approved") if number == script.LAST else "approved",
                invoice_type=TYPES.get(key, "progress"),
                invoice_number=_invoice_number(key),
                final=key == script.RETAINAGE_RELEASE,
                new_lines=new,
            )
            billed[key] = add_invoice(procore, contract, plan)
    return billed


def add_invoice(procore: Procore, contract: Contract, plan: InvoicePlan) -> Record:
    """Bill one invoice and keep it."""
    record = requisition_record(apply_for_payment(contract, plan), procore.ids)
    procore.requisitions[record["id"]] = record
    return record


def _at(day: date, when: time) -> datetime:
    return datetime.combine(day, when, UTC)


def _invoice_number(key: tuple[int, int]) -> str | None:
    if key in script.SAME_NUMBER:
        return script.DUPLICATE_NUMBER
    if key == script.BLANK_NUMBER:
        return ""
    if key == script.NO_NUMBER:
        return None
    index, number = key
    return f"INV-{index + 10}{number:02}"


def _claims(contract: Contract, key: tuple[int, int], rng: Random) -> Mapping[int, Claim]:
    changes = [line for line in contract.lines if line.change_order_id is not None]
    base = [line for line in contract.lines if line.change_order_id is None]
    if key == script.NOTHING_BILLED:
        return {}
    if key == script.RETAINAGE_RELEASE:
        return {line.id: Claim(release=Decimal(1)) for line in base}
    if key == script.NEGATIVE:
        return {line.id: Claim(work=line.scheduled) for line in changes if line.scheduled < 0}
    release = HALF if key == script.MIXED else ZERO
    claims: dict[int, Claim] = {}
    for line in base:
        share = Decimal(rng.randint(8_00, 18_00)) / 10_000
        work = cents(line.scheduled * share)
        if line.unit_price is not None:
            work = line.unit_price * rng.randint(80, 180)
        materials = cents(work / 4) if key == script.STORED_MATERIALS else ZERO
        claims[line.id] = Claim(work=work, materials=materials, release=release)
    if key == script.NEW_CHANGE_ORDER:
        claims |= {line.id: Claim(work=line.scheduled) for line in changes if line.scheduled > 0}
    return claims
