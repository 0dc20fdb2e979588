"""A Procore double of a large company: projects with five commitments each, billed for a year."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from math import ceil

from drawbridge.sandbox.procore import Procore, RateLimits
from drawbridge.sandbox.procore.faults import Fault, Match
from drawbridge.sandbox.procore.invoices.contract import Contract, InvoicePlan
from drawbridge.sandbox.procore.invoices.lines import Claim, Line
from drawbridge.sandbox.procore.seed.billing import add_invoice
from drawbridge.sandbox.procore.seed.places import add_period, add_projects, add_vendors
from drawbridge.sandbox.procore.values import FIRST_ID, Record

PAGE = 100
_KINDS = ["WorkOrderContract"] * 3 + ["PurchaseOrderContract"] * 2
_LINES = 4
_FOUNDED = datetime(2025, 1, 2, 8, tzinfo=UTC)
_LAST_BILLED = date(2026, 2, 20)


def large_procore(projects: int, invoices: int, limits: RateLimits) -> Procore:
    """So many projects with so many approved invoices each; spread evenly over the commitments."""
    procore = Procore(company_id=FIRST_ID, limits=limits)
    add_vendors(procore, _FOUNDED)
    names = [(f"Project {number:03}", f"26-{number:03}", True) for number in range(1, projects + 1)]
    add_projects(procore, _FOUNDED, names)
    period_of = cache(lambda project_id, day: add_period(procore, project_id, day))
    for project in procore.projects.values():
        contracts = [_contract(procore, project, index) for index in range(len(_KINDS))]
        for number in range(invoices):
            contract = contracts[number % len(contracts)]
            billed = _LAST_BILLED - timedelta(days=7 * ((invoices - 1 - number) // len(contracts)))
            plan = _plan(procore, contract, billed, period_of(project["id"], billed.replace(day=1)))
            add_invoice(procore, contract, plan)
    return procore


def least_calls(procore: Procore) -> int:
    """The fewest calls that bring all of it, a page of every list being one call."""
    calls = ceil(len(procore.vendors) / PAGE) + ceil(len(procore.projects) / PAGE)
    for project_id in procore.projects:
        contracts = [each for each in procore.contracts.values() if each.project["id"] == project_id]
        lists = [
            sum(each["project_id"] == project_id for each in procore.requisitions.values()),
            *(sum(each.kind == kind for each in contracts) for kind in sorted(set(_KINDS))),
            sum(each["project_id"] == project_id for each in procore.periods.values()),
        ]
        calls += sum(ceil(length / PAGE) for length in lists)
    return calls


def leave_out_lines(procore: Procore) -> None:
    """Let lists ignore the view that is asked for: their invoices have no lines."""
    lists = Match(method="GET", path_prefix="/rest/v1.1/requisitions", query={"per_page": str(PAGE)})
    procore.faults.pending.append(Fault(kind="ignore", match=lists, times=10**6, members=["view"]))


def _contract(procore: Procore, project: Record, index: int) -> Contract:
    vendors = list(procore.vendors.values())
    contract = Contract(
        id=procore.ids.next("commitment"),
        kind=_KINDS[index],
        number=f"C-{project['project_number']}-{index + 1}",
        title=f"Trade {index + 1}",
        project=project,
        vendor=vendors[(index + len(procore.contracts)) % len(vendors)],
        created_at=_FOUNDED,
        lines=[_line(procore, number) for number in range(1, _LINES + 1)],
        tax_code_id=procore.ids.next("tax_code"),
    )
    procore.contracts[contract.id] = contract
    return contract


def _line(procore: Procore, number: int) -> Line:
    code = procore.ids.next("code")
    line_id = procore.ids.next("line")
    return Line(line_id, f"Phase {number}", f"03-{number:03}", code, Decimal(1_000_000), uom="ls")


def _plan(procore: Procore, contract: Contract, billed: date, period: Record) -> InvoicePlan:
    return InvoicePlan(
        requisition_id=procore.ids.next("requisition"),
        billing_date=billed,
        period=period,
        created_at=datetime.combine(billed, time(9), UTC),
        updated_at=datetime.combine(billed, time(16), UTC),
        claims={line.id: Claim(work=Decimal("1234.56")) for line in contract.lines},
        invoice_number=f"{contract.number}-{contract.invoices + 1:03}",
    )
