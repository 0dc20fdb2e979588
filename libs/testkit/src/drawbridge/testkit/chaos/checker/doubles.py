"""R2 nothing happens twice: counted in the double's own records, at the clerk and in the API."""

from collections import Counter, defaultdict
from decimal import Decimal

from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.checker.seen import Seen
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.stack.doors import Json

_AT_REST = ("written", "covered_by_foreign", "removed", "offset", "not_needed", "needs_hand")
_MADE_UP = "P-"
type _Payment = tuple[int, str, Decimal]


def check_doubles(scene: Scene, seen: Seen) -> Promise:
    """R2: one AP invoice for a Procore invoice, one bill for an AP invoice, one payment for an allocation."""
    invoices = Counter(
        (vault, each["requisition_id"])
        for vault, page in seen.invoices.items()
        for each in page
        if each["requisition_id"] is not None
    )
    bills = Counter(bill["invoice_id"] for bill in seen.bills)
    requests = Counter(
        each["message_id"] for page in seen.requests.values() for each in page if each["message_id"]
    )
    twice = [f"{number} AP invoices of {what}" for what, number in invoices.items() if number > 1]
    twice += [f"{number} bills of AP invoice {what}" for what, number in bills.items() if number > 1]
    twice += [f"{number} requests of message {what}" for what, number in requests.items() if number > 1]
    expected, found = _expected(seen), _found(scene, seen)
    more = list((found - expected).elements())
    missing = [f"missing contract payment {each}" for each in (expected - found).elements()]
    missing += _not_at_rest(seen) + _unknown(seen)
    figures: dict[str, object] = {
        "invoices": invoices.total(),
        "bills": bills.total(),
        "contract_payments": found.total(),
        "duplicates": len(twice) + len(more),
        "missing": len(missing),
    }
    return Promise("R2", figures, twice + [f"contract payment too many: {each}" for each in more] + missing)


def _expected(seen: Seen) -> Counter[_Payment]:
    """What should stand in Procore: the cash of every live, matched allocation, but what people typed."""
    return Counter(
        (each["match"]["requisition_id"], each["payment"]["number"], Decimal(each["cash"]))
        for each in _allocations(seen)
        if each["match"] and not each["payment"]["voided"] and each["write_back"]["state"] == "written"
    )


def _found(scene: Scene, seen: Seen) -> Counter[_Payment]:
    typist = scene.facts["hand_typed_payment"]["created_by"]
    return Counter(
        (row["requisition_id"], row["check_number"], Decimal(row["amount"]))
        for row in seen.contract_payments
        if row["created_by"] != typist
    )


def _not_at_rest(seen: Seen) -> list[str]:
    return [
        f"allocation {each['id']} is {each['write_back']['state']}"
        for each in _allocations(seen)
        if each["write_back"]["state"] not in _AT_REST
        or (each["payment"]["voided"] and each["write_back"]["state"] == "written")
    ]


def _unknown(seen: Seen) -> list[str]:
    """Payments of the ledger that Drawbridge does not list, though they pay bills that it made.

    Where nobody knows a vendor's code the clerk makes one up, and no payment can be tied to its bills.
    """
    ours = {str(bill["bill_id"]) for bill in seen.bills if not bill["vendor_code"].startswith(_MADE_UP)}
    known = {(each["payment"]["number"], each["bill"]["id"]) for each in _allocations(seen)}
    live: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in seen.ledger_payments:
        live[row["check_number"], str(row["bill_id"])] += Decimal(row["amount"])
    return [
        f"unknown ledger payment {key}"
        for key, amount in live.items()
        if amount and key[1] in ours and key not in known
    ]


def _allocations(seen: Seen) -> list[Json]:
    return [each for page in seen.allocations.values() for each in page]
