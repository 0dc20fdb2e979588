"""Approved invoices become AP invoices at once; a broken one is explained, mended and reprocessed."""

import json

from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.messaging.outside import publish
from drawbridge.testkit.stack.doors import Json, until

VAULT = "by-itself"


async def import_by_itself(story: Story) -> None:
    """Wait for the automation, show the error, mend it, reprocess it, and let an outsider publish one."""
    story.teller.chapter("Import by itself: one is broken, and says why")
    with story.teller.waiting("The approved invoices of Riverside are imported"):
        rows = await until("not all approved invoices were imported", lambda: _all_settled(story))
    imported = [row for row in rows if row["import_state"] == "imported"]
    story.teller.say(f"{len(imported)} invoices were imported without a click.")
    await _mend_and_reprocess(story)
    await _publish_from_outside(story)


async def _mend_and_reprocess(story: Story) -> None:
    broken = story.facts["broken_requisition_id"]
    row = await story.gateway.row(VAULT, broken)
    if row["import_state"] != "error":
        raise StoryError(f"The broken invoice is {row['import_state']}, not in error.")
    error = row["error"]
    story.teller.table(
        "One is in error",
        ("Invoice #", "Error", "What to do"),
        [[row["invoice_number"], error["message"], error["advice"]]],
    )
    await story.procore.act(broken, "mend")
    operation = await story.gateway.act(f"/v1/vaults/{VAULT}/procore-invoices/{broken}/reprocess")
    if (await story.gateway.row(VAULT, broken))["import_state"] != "imported":
        raise StoryError(f"The mended invoice was not imported: {operation}")
    story.teller.say(f"Invoice {row['invoice_number']} was mended in Procore, reprocessed, and is imported.")


async def _publish_from_outside(story: Story) -> None:
    rows = await story.gateway.rows(VAULT)
    row = next(row for row in rows if row["procore_status"] == "under_review")
    await story.procore.act(row["requisition_id"], "approve")
    body = {
        "vault_id": VAULT,
        "project_id": row["project_id"],
        "requisition_id": row["requisition_id"],
        "requested_by": "workflow-bot",
    }
    await publish(story.info.amqp_url, "drawbridge.public", "reprocess", json.dumps(body).encode())
    with story.teller.waiting("Another system publishes a reprocess message"):
        await until("the published invoice was not imported", lambda: _imported(story, row["requisition_id"]))
    story.teller.say(
        f"Invoice {row['invoice_number']}: another system published a plain AMQP message, and it is imported."
    )


async def _all_settled(story: Story) -> list[Json] | None:
    rows = await story.gateway.rows(VAULT)
    open_rows = [
        row for row in rows if row["procore_status"] == "approved" and row["import_state"] == "not_imported"
    ]
    return rows if rows and not open_rows else None


async def _imported(story: Story, requisition_id: int) -> Json | None:
    row = await story.gateway.row(VAULT, requisition_id)
    return row if row["import_state"] == "imported" else None
