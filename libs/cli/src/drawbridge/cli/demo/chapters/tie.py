"""A bill with a mistyped number matches no invoice; a person ties its payment by hand."""

from datetime import UTC, datetime
from decimal import Decimal

from drawbridge.cli.demo.chapters.pay import COLUMNS, payment_row, run_jobs
from drawbridge.cli.demo.doors import Json, StoryError, until
from drawbridge.cli.demo.story import Story

VAULT = "by-itself"
CHECK = "30107"
MISTYPED = "1NV-TYPO"


async def tie_by_hand(story: Story) -> None:
    """Pay the mistyped bill, see it wait with its reason, tie it, and see it in Procore."""
    story.teller.chapter("A payment that matches nothing waits, and is tied by hand")
    bill = await _unpaid_bill(story)
    await story.clerk.mistype(bill["bill_id"], MISTYPED)
    await story.clerk.write_check(CHECK, datetime.now(UTC).date().isoformat(), {bill["bill_id"]: None})
    with story.teller.waiting("Running payment retrieval"):
        await run_jobs(story, ("payment_retrieval",))
        waiting = await until("the payment is not listed as unmatched", lambda: _unmatched(story))
    story.teller.table("Waiting for an AP invoice", COLUMNS, [payment_row(waiting)])
    operation = await story.gateway.act(
        f"/v1/vaults/{VAULT}/payments/{waiting['id']}/tie",
        {"invoice_id": bill["invoice_id"], "reason": "the clerk mistyped the number"},
    )
    if operation["status"] != "done":
        raise StoryError(f"The payment was not tied: {operation}")
    tied = await until("the tied payment was not written", lambda: _written(story, waiting["id"]))
    story.teller.table("Tied by hand", COLUMNS, [payment_row(tied)])


async def _unpaid_bill(story: Story) -> Json:
    """A bill of the vault that no other chapter pays."""
    for bill in await story.clerk.bills():
        if bill["vault_id"] == VAULT and Decimal(bill["balance"]) == Decimal(bill["total"]) > 0:
            return bill
    raise StoryError(f"No bill of the vault {VAULT} is unpaid.")


async def _unmatched(story: Story) -> Json | None:
    waiting = await story.gateway.pages(f"/v1/vaults/{VAULT}/payments/unmatched")
    return next((each for each in waiting if each["payment"]["number"] == CHECK), None)


async def _written(story: Story, allocation_id: str) -> Json | None:
    payment: Json = await story.gateway.get(f"/v1/vaults/{VAULT}/payments/{allocation_id}")
    return payment if payment["write_back"]["state"] == "written" else None
