"""An invoice changes in Procore after import: flagged, previewed, and refreshed exactly as shown."""

from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.testkit.stack.doors import Json, until

VAULT = "by-hand"
CORRECTED_WORK = "61500.00"


async def refresh_a_changed_invoice(story: Story) -> None:
    """Change an imported invoice in Procore, wait for the poll, preview, apply."""
    story.teller.chapter("Changed in Procore after import: never silently")
    rows = await story.gateway.rows(VAULT)
    row = next(row for row in rows if row["import_state"] == "imported")
    await story.procore.correct(row["requisition_id"], CORRECTED_WORK)
    drifted = await until("the change was not noticed", lambda: _drifted(story, row["requisition_id"]))
    story.teller.say(f"The grid flags it: {drifted['drift']['what']}")
    path = f"/v1/vaults/{VAULT}/invoices/{row['invoice_id']}/refresh"
    preview = await story.gateway.act(path, {"preview": True})
    story.teller.table(
        "What a refresh would change",
        ("Field", "Ours", "Procore's"),
        [[each["field"], each["ours"], each["procore"]] for each in preview["differences"]],
    )
    applied = await story.gateway.act(path, {"content_hash": preview["content_hash"]})
    after = await story.gateway.row(VAULT, row["requisition_id"])
    if after["drift"] is not None:
        raise StoryError(f"The refresh did not settle the change: {applied}")
    story.teller.say("Exactly that was applied; the flag is gone.")


async def _drifted(story: Story, requisition_id: int) -> Json | None:
    row = await story.gateway.row(VAULT, requisition_id)
    return row if row["drift"] else None
