"""The ledger and Procore side by side: per commitment, the difference and its causes."""

from decimal import Decimal

from drawbridge.cli.demo.chapters.set_up_vaults import BEHAVIORS
from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.cli.demo.teller import Cell
from drawbridge.testkit.stack.doors import Json


async def reconcile(story: Story) -> None:
    """Show the table; every difference must be explained, to the cent."""
    story.teller.chapter("Paid in the ledger, issued in Procore, and why they differ")
    rows: list[list[Cell]] = []
    for vault in BEHAVIORS:
        found = await story.gateway.get(f"/v1/vaults/{vault}/reconciliation")
        for each in found["items"]:
            _check(each)
            rows.append([vault, str(each["commitment_id"]), *_amounts(each), each["cause"]])
    story.teller.table("Reconciliation", ("Vault", "Commitment", "Paid", "Issued", "Difference", "Why"), rows)


def _check(balance: Json) -> None:
    explained = sum((Decimal(cause["amount"]) for cause in balance["causes"]), Decimal(0))
    unexplained = [cause for cause in balance["causes"] if cause["code"] == "unexplained"]
    if explained != Decimal(balance["difference"]) or unexplained:
        raise StoryError(f"Commitment {balance['commitment_id']} is not explained: {balance}")


def _amounts(balance: Json) -> tuple[Decimal, Decimal, Decimal]:
    return Decimal(balance["paid"]), Decimal(balance["issued"]), Decimal(balance["difference"])
