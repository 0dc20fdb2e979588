"""The poll fills a queue; New Invoice makes an AP invoice of a queue document."""

from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.testkit.stack.doors import Json, until

VAULT = "by-queue"
TAKEN = 4
"""How many queue documents a person takes."""


async def import_by_queue(story: Story) -> None:
    """Wait for the queue, approve one more invoice in Procore, and take some documents from the queue."""
    story.teller.chapter("Import into a queue: approved in Procore, waiting here")
    with story.teller.waiting("The approved invoices of Northgate arrive in the queue"):
        await until("not all approved invoices were queued", lambda: _all_queued(story))
    await _approve_one(story)
    queue = (await story.gateway.get(f"/v1/vaults/{VAULT}/queue-documents", limit=100))["items"]
    for document in queue[:TAKEN]:
        await _take(story, document)
    story.teller.say(
        f"Took {TAKEN} of {len(queue)} queue documents; each was checked against Procore once more."
    )


async def _take(story: Story, document: Json) -> None:
    operation = await story.gateway.act(f"/v1/vaults/{VAULT}/queue-documents/{document['id']}/new-invoice")
    row = await story.gateway.row(VAULT, document["requisition_id"])
    if row["import_state"] != "imported":
        raise StoryError(f"New Invoice did not go through: {operation}")


async def _approve_one(story: Story) -> None:
    rows = await story.gateway.rows(VAULT)
    row = next(row for row in rows if row["procore_status"] == "revise_and_resubmit")
    await story.procore.act(row["requisition_id"], "approve")
    with story.teller.waiting("The project manager approves one more; the next poll sees it"):
        await until("the approved invoice was not queued", lambda: _queued(story, row["requisition_id"]))
    story.teller.say(
        f"Invoice {row['invoice_number']} was approved in Procore, and the poll put it into the queue."
    )


async def _all_queued(story: Story) -> bool | None:
    rows = await story.gateway.rows(VAULT)
    waiting = [
        row for row in rows if row["procore_status"] == "approved" and row["import_state"] == "not_imported"
    ]
    return True if rows and not waiting else None


async def _queued(story: Story, requisition_id: int) -> Json | None:
    row = await story.gateway.row(VAULT, requisition_id)
    return row if row["import_state"] == "in_queue" else None
