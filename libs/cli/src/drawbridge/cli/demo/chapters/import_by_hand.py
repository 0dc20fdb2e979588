"""A person imports by hand, and sees for every row what is allowed and why not."""

from decimal import Decimal

from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.cli.demo.teller import Cell
from drawbridge.testkit.stack.doors import Json

VAULT = "by-hand"
IMPORTED = 6
"""How many invoices the person imports."""

SHOWN = 10
"""How many rows of the grid the demo shows."""


async def import_by_hand(story: Story) -> None:
    """Show the grid, import a few invoices, and try one that may not be imported."""
    story.teller.chapter("Import by hand: the grid says what is possible, and why not")
    await story.gateway.act(f"/v1/vaults/{VAULT}/projects/{story.projects[VAULT]}/sync")
    rows = await story.gateway.rows(VAULT)
    shown = [grid_row(row) for row in rows[:SHOWN]]
    story.teller.table(f"Alder Street Lofts: the newest {SHOWN} of {len(rows)} invoices", COLUMNS, shown)
    importable = [row for row in rows if row["actions"]["import"]["allowed"]]
    with story.teller.waiting("Importing"):
        for row in importable[:IMPORTED]:
            await import_one(story, VAULT, row["requisition_id"])
    story.teller.say(f"Imported {IMPORTED} invoices by hand, each read from Procore again at that moment.")
    await _refused(story, next(row for row in rows if not row["actions"]["import"]["allowed"]))


async def import_one(story: Story, vault: str, requisition_id: int) -> Json:
    """Import and wait. Raises StoryError unless it is imported afterwards."""
    operation = await story.gateway.act(f"/v1/vaults/{vault}/procore-invoices/{requisition_id}/import")
    row = await story.gateway.row(vault, requisition_id)
    if row["import_state"] != "imported":
        raise StoryError(f"Invoice {requisition_id} is {row['import_state']}: {operation}")
    return row


async def _refused(story: Story, row: Json) -> None:
    operation = await story.gateway.act(f"/v1/vaults/{VAULT}/procore-invoices/{row['requisition_id']}/import")
    if operation["status"] != "refused":
        raise StoryError(f"An invoice in status {row['procore_status']} was not refused: {operation}")
    problem = operation["problem"]
    story.teller.say(f"Invoice {row['invoice_number']} is refused: {_words(problem)}")


def _words(problem: Json) -> str:
    return f"{problem.get('message') or problem.get('detail')} {problem.get('advice', '')}".strip()


COLUMNS = ("Vendor", "Invoice #", "Net due", "In Procore", "Here", "Import?")


def grid_row(row: Json) -> list[Cell]:
    """A row of the grid as a clerk sees it."""
    action = row["actions"]["import"]
    net_due = row["net_due"]
    return [
        row["vendor"]["name"],
        row["invoice_number"],
        None if net_due is None else Decimal(net_due),
        row["procore_status"].replace("_", " "),
        row["import_state"].replace("_", " "),
        "yes" if action["allowed"] else action["reason"],
    ]
