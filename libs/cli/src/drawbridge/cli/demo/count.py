"""Count what there is on all sides, and compare: nothing lost, nothing twice."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from drawbridge.cli.demo.chapters.pay import all_allocations
from drawbridge.cli.demo.chapters.set_up_vaults import BEHAVIORS
from drawbridge.cli.demo.story import Story
from drawbridge.testkit.stack.doors import FINAL, Json


@dataclass
class Figures:
    """The last line of the demo. Every figure is counted, none is written down.

    ``errors`` counts invoices that were in error at any time; ``written`` our contract payments in
    Procore; ``lost`` and ``duplicates`` name each finding.
    """

    invoices: int = 0
    imported: int = 0
    in_queue: int = 0
    errors: int = 0
    reprocessed: int = 0
    payments: int = 0
    written: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The line."""
        return (
            f"demo: invoices={self.invoices} imported={self.imported} in_queue={self.in_queue} "
            f"errors={self.errors} reprocessed={self.reprocessed} payments={self.payments} "
            f"written={self.written} lost={len(self.lost)} duplicates={len(self.duplicates)}"
        )


async def count(story: Story) -> Figures:
    """Compare Drawbridge, Procore's own records and the ledger's."""
    figures = Figures()
    for vault in BEHAVIORS:
        await _count_invoices(story, vault, figures)
        await _count_requests(story, vault, figures)
    await _count_bills(story, figures)
    await _count_payments(story, figures)
    await _count_operations(story, figures)
    return figures


async def _count_invoices(story: Story, vault: str, figures: Figures) -> None:
    """Every requisition of the project is in the grid; every imported row has exactly one AP invoice."""
    rows = await story.gateway.rows(vault)
    states = Counter(row["import_state"] for row in rows)
    figures.invoices += len(rows)
    figures.imported += states["imported"]
    figures.in_queue += states["in_queue"]
    invoices = await story.gateway.pages(f"/v1/vaults/{vault}/invoices")
    made = Counter(each["source"]["requisition_id"] for each in invoices if each["source"])
    figures.duplicates += [f"{n} AP invoices of requisition {id_}" for id_, n in made.items() if n > 1]
    for row in rows:
        requisition_id = row["requisition_id"]
        if row["import_state"] == "imported" and not made[requisition_id]:
            figures.lost.append(f"AP invoice of requisition {requisition_id}")
        history = await story.gateway.pages(f"/v1/vaults/{vault}/procore-invoices/{requisition_id}/history")
        figures.errors += any(line["what"] == "import_failed" for line in history)
    seen = {row["requisition_id"] for row in rows}
    in_procore = [each["id"] for each in await story.procore.requisitions(story.projects[vault])]
    figures.lost += [f"requisition {each}" for each in in_procore if each not in seen]


async def _count_requests(story: Story, vault: str, figures: Figures) -> None:
    """Every request came to an end."""
    requests = await story.gateway.pages(f"/v1/vaults/{vault}/requests")
    figures.reprocessed += sum(each["how"] == "reprocess" and each["status"] == "done" for each in requests)
    figures.lost += [f"request {each['id']}" for each in requests if each["status"] not in FINAL]


async def _count_bills(story: Story, figures: Figures) -> None:
    """Every processed AP invoice has exactly one bill."""
    bills = Counter(bill["invoice_id"] for bill in await story.clerk.bills())
    figures.duplicates += [f"{n} bills of AP invoice {id_}" for id_, n in bills.items() if n > 1]
    for vault in BEHAVIORS:
        for invoice in await story.gateway.pages(f"/v1/vaults/{vault}/invoices"):
            if invoice["status"] == "processed" and not bills[invoice["id"]]:
                figures.lost.append(f"bill of AP invoice {invoice['id']}")


async def _count_payments(story: Story, figures: Figures) -> None:
    """Every live, matched allocation is in Procore once, with its cash, and nothing else of ours is."""
    ours = [row for row in await story.procore.contract_payments() if row["created_by"] != _typist(story)]
    figures.written = len(ours)
    allocations = await all_allocations(story)
    figures.payments = len(allocations)
    expected = Counter(
        (each["match"]["requisition_id"], each["payment"]["number"], Decimal(each["cash"]))
        for each in allocations
        if each["match"] and not each["payment"]["voided"] and _ours(each)
    )
    found = Counter((row["requisition_id"], row["check_number"], Decimal(row["amount"])) for row in ours)
    figures.lost += [f"contract payment {each}" for each in (expected - found).elements()]
    figures.duplicates += [f"contract payment {each}" for each in (found - expected).elements()]
    known = {(each["payment"]["number"], each["bill"]["id"]) for each in allocations}
    for row in await story.clerk.get("/payments"):
        if (row["check_number"], str(row["bill_id"])) not in known:
            figures.lost.append(f"ledger payment {row['check_number']} on bill {row['bill_id']}")


def _typist(story: Story) -> str:
    name: str = story.facts["hand_typed_payment"]["created_by"]
    return name


def _ours(allocation: Json) -> bool:
    return allocation["write_back"]["state"] not in ("covered_by_foreign", "removed")


async def _count_operations(story: Story, figures: Figures) -> None:
    """Everything that the API accepted came to an end."""
    for operation_id in story.gateway.operations:
        operation = await story.gateway.get(f"/v1/operations/{operation_id}")
        if operation["status"] not in FINAL:
            figures.lost.append(f"operation {operation_id}")
