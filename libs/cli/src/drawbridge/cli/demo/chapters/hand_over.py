"""Every AP invoice is handed over to the ledger, where the clerk posts one bill for each."""

from decimal import Decimal

from drawbridge.cli.demo.chapters.set_up_vaults import BEHAVIORS
from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.testkit.stack.doors import Json, until


async def hand_over_to_the_ledger(story: Story) -> None:
    """Process all imported invoices and wait for their bills."""
    story.teller.chapter("Handed over to the ledger")
    processed = 0
    with story.teller.waiting("Processing"):
        for vault in BEHAVIORS:
            for invoice in await story.gateway.pages(f"/v1/vaults/{vault}/invoices"):
                operation = await story.gateway.act(f"/v1/vaults/{vault}/invoices/{invoice['id']}/process")
                if operation["status"] != "done" and operation["problem"]["code"] != "processed":
                    raise StoryError(f"Invoice {invoice['id']} was not processed: {operation}")
                processed += 1
    bills = await until("not every invoice became a bill", lambda: _all_posted(story, processed))
    total = sum((Decimal(bill["total"]) for bill in bills), Decimal(0))
    story.teller.say(
        f"{processed} AP invoices were processed; the clerk posted {len(bills)} bills over {total:,.2f} USD."
    )


async def _all_posted(story: Story, expected: int) -> list[Json] | None:
    bills = await story.clerk.bills()
    return bills if len(bills) >= expected else None
