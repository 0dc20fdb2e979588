"""R1 nothing accepted is lost, R4 poison does not block."""

from collections import Counter

from drawbridge.testkit.chaos.asked import Asked
from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.checker.schemas import Schemas
from drawbridge.testkit.chaos.checker.seen import Seen
from drawbridge.testkit.stack.doors import FINAL, Json

_FATES = {"done": "applied", "refused": "refused", "failed": "refused"}


async def check_accepted(asked: Asked, seen: Seen, schemas: Schemas) -> Promise:
    """R1: every id that was accepted has an end, and every invoice and payment arrived."""
    requests = {each["message_id"]: each for page in seen.requests.values() for each in page}
    joined = await schemas.joined()
    parked = {each["message_id"] for each in seen.parked}
    fates: Counter[str] = Counter()
    lost: list[str] = []
    for identity in asked.published:
        fate = _fate_of_message(identity, requests, joined, parked)
        fates[fate] += 1
        if fate == "lost":
            lost.append(f"message {identity}: {_status(requests.get(identity))}")
    for identity, what in asked.operations.items():
        fate = _FATES.get(seen.operations[identity]["status"], "") if identity in seen.operations else "lost"
        fates[fate] += 1
        if fate == "lost":
            lost.append(f"operation {identity} ({what})")
    fates["parked"] += _parked_poison(asked, seen)
    lost += [f"poison {code} {identity}" for identity, code in _unparked(asked, seen)]
    lost += _lost_invoices(seen)
    lost += [f"unfinished work: {work}" for work in await schemas.unfinished()]
    accepted = len(asked.published) + len(asked.operations) + len(asked.poison)
    figures: dict[str, object] = {"accepted": accepted}
    figures |= {fate: fates[fate] for fate in ("applied", "refused", "parked", "superseded")}
    return Promise("R1", figures | {"lost": len(lost)}, lost)


def check_poison(asked: Asked, seen: Seen) -> Promise:
    """R4: all poison is parked, each message for its own reason, and nothing else is."""
    rows = Counter((each["message_id"], each["problem"]["code"]) for each in seen.parked)
    strange = [f"parked without cause: {code} {identity}" for identity, code in rows.keys() - asked.poison]
    missing = [f"not parked: {code} {identity}" for identity, code in _unparked(asked, seen)]
    figures: dict[str, object] = {"poison": len(asked.poison), "parked": len(rows)}
    figures["parked_twice"] = rows.total() - len(rows)
    return Promise("R4", figures, strange + missing)


def _fate_of_message(identity: str, requests: dict[str, Json], joined: set[str], parked: set[str]) -> str:
    if identity in requests:
        return _FATES.get(requests[identity]["status"], "lost")
    if identity in joined:
        return "superseded"
    return "parked" if identity in parked else "lost"


def _status(request: Json | None) -> str:
    return "nobody knows it" if request is None else f"{request['status']}, attempts {request['attempts']}"


def _parked_poison(asked: Asked, seen: Seen) -> int:
    return len(asked.poison) - len(_unparked(asked, seen))


def _unparked(asked: Asked, seen: Seen) -> list[tuple[str, str]]:
    parked = {(each["message_id"], each["problem"]["code"]) for each in seen.parked}
    return [each for each in asked.poison if each not in parked]


def _lost_invoices(seen: Seen) -> list[str]:
    """Invoices that no grid shows, that automation forgot, or whose AP invoice or bill is missing."""
    lost: list[str] = []
    bills = {bill["invoice_id"] for bill in seen.bills}
    for vault, rows in seen.rows.items():
        shown = {row["requisition_id"] for row in rows}
        lost += [f"requisition {each['id']}" for each in seen.requisitions[vault] if each["id"] not in shown]
        made = {invoice["requisition_id"] for invoice in seen.invoices[vault]}
        lost += [
            f"AP invoice of requisition {row['requisition_id']}"
            for row in rows
            if row["import_state"] == "imported" and row["requisition_id"] not in made
        ]
        lost += [
            f"import of requisition {row['requisition_id']}"
            for row in rows
            if vault != "by-hand" and row["actions"]["reprocess"]["allowed"] and row["error"] is None
        ]
        lost += [
            f"bill of AP invoice {invoice['id']}"
            for invoice in seen.invoices[vault]
            if invoice["status"] == "processed" and invoice["id"] not in bills
        ]
        lost += [
            f"end of request {each['id']}" for each in seen.requests[vault] if each["status"] not in FINAL
        ]
    return lost
