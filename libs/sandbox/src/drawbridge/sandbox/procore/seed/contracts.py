"""Subcontracts and purchase orders of the seed."""

from datetime import datetime
from decimal import Decimal
from random import Random

from drawbridge.sandbox.procore.invoices.contract import Contract
from drawbridge.sandbox.procore.invoices.lines import ZERO, Line
from drawbridge.sandbox.procore.seed import script
from drawbridge.sandbox.procore.seed.names import PHASES, TRADES
from drawbridge.sandbox.procore.state import Procore

WORK_ORDER = "WorkOrderContract"
PURCHASE_ORDER = "PurchaseOrderContract"
TAX_RATE = Decimal("8.25")
ACTIVE_PROJECTS = 3
THOUSAND = Decimal(1000)


def add_contracts(procore: Procore, rng: Random, founded: datetime) -> list[Contract]:
    """Add the commitments, spread over the active projects and all vendors."""
    projects = list(procore.projects.values())[:ACTIVE_PROJECTS]
    vendors = list(procore.vendors.values())
    for index in range(script.CONTRACTS):
        trade = index % len(vendors)
        project = projects[index % ACTIVE_PROJECTS]
        bought = index in script.PURCHASE_ORDERS
        prefix = "PO" if bought else "SC"
        contract = Contract(
            id=procore.ids.next("commitment"),
            kind=PURCHASE_ORDER if bought else WORK_ORDER,
            number=f"{prefix}-{project['project_number']}-{index + 1:03}",
            title=TRADES[trade][0],
            project=project,
            vendor=vendors[trade],
            created_at=founded,
            lines=_lines(procore, rng, trade, unit_based=index in script.UNIT_BASED),
            retainage=ZERO if bought else Decimal(rng.choice((5, 10))),
            tax_rate=TAX_RATE if index in script.TAXED else ZERO,
            tax_code_id=procore.ids.next("tax_code"),
            simplified=index in script.SIMPLIFIED,
        )
        procore.contracts[contract.id] = contract
    return list(procore.contracts.values())


def _lines(procore: Procore, rng: Random, trade: int, *, unit_based: bool) -> list[Line]:
    what, code = TRADES[trade]
    lines = []
    for phase in PHASES:
        price = Decimal(rng.randint(4_00, 90_00)) / 100 if unit_based else None
        scheduled = price * THOUSAND if price else Decimal(rng.randint(40, 300)) * THOUSAND
        line = Line(
            id=procore.ids.next("line"),
            description=f"{what}, {phase}",
            code=code,
            code_id=procore.ids.next("code"),
            scheduled=scheduled,
            unit_price=price,
            uom="ea" if unit_based else "ls",
        )
        lines.append(line)
    return lines


def add_change_order(procore: Procore, contract: Contract) -> frozenset[int]:
    """Add one change order with an extra and a credit to a contract; gives the ids of its lines."""
    order = procore.ids.next("change_order")
    first = contract.lines[0]
    for description, amount in (
        ("Extra footings", Decimal("18250.50")),
        ("Credit, deleted slab", Decimal(-42_000)),
    ):
        line = Line(
            id=procore.ids.next("line"),
            description=description,
            code=first.code,
            code_id=first.code_id,
            scheduled=amount,
            change_order_id=order,
            uom="ls",
        )
        contract.lines.append(line)
    return frozenset(line.id for line in contract.lines[-2:])
