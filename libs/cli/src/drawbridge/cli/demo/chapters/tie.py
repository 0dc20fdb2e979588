"""A bill without the invoice's number matches no AP invoice; a person ties its payment by hand."""

from drawbridge.cli.demo.chapters.pay import COLUMNS, WITHOUT_NUMBER, payment_row
from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.testkit.stack.doors import Json, until


async def tie_by_hand(story: Story) -> None:
    """Show the payment that waits with its reason, tie it, and see it in Procore."""
    story.teller.chapter("A payment that matches nothing waits, and is tied by hand")
    bill = next(each for each in await story.clerk.bills() if each["invoice_number"] == WITHOUT_NUMBER)
    payments = f"/v1/vaults/{bill['vault_id']}/payments"
    [waiting] = await story.gateway.pages(f"{payments}/unmatched")
    story.teller.table("Waiting for an AP invoice", COLUMNS, [payment_row(waiting)])
    operation = await story.gateway.act(
        f"{payments}/{waiting['id']}/tie",
        {"invoice_id": bill["invoice_id"], "reason": "The invoice has no number; amount and vendor agree."},
    )
    if operation["status"] != "done":
        raise StoryError(f"The payment was not tied: {operation}")
    tied = await until(
        "the tied payment was not written", lambda: _written(story, f"{payments}/{waiting['id']}")
    )
    story.teller.table("Tied by hand", COLUMNS, [payment_row(tied)])


async def _written(story: Story, path: str) -> Json | None:
    payment: Json = await story.gateway.get(path)
    return payment if payment["write_back"]["state"] == "written" else None
