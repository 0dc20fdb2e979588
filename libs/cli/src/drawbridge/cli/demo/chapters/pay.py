"""Checks are cut in the ledger, matched with reasons, and appear on the commitments in Procore."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

from drawbridge.cli.demo.chapters.set_up_vaults import BEHAVIORS
from drawbridge.cli.demo.doors import StoryError
from drawbridge.cli.demo.story import Story
from drawbridge.cli.demo.teller import Cell
from drawbridge.testkit.stack.doors import Json, until

JOBS = ("payment_retrieval", "check_backfill")
SETTLED = ("written", "covered_by_foreign", "removed", "not_needed", "needs_hand")
PART = Decimal(50000)
WITHOUT_NUMBER = "APP-3"
"""What the clerk types on the bill of an invoice without a number."""


async def bring_payments_back(story: Story) -> None:
    """Cut checks, run both payment jobs, and show what was matched and written."""
    story.teller.chapter("Checks are cut in the ledger; the payments come back to Procore")
    await _cut_checks(story)
    with story.teller.waiting("Running payment retrieval and check backfill in every vault"):
        await run_jobs(story, JOBS)
        allocations = await until("not all payments were written back", lambda: settled_allocations(story))
    story.teller.table("Payments and their matches", COLUMNS, [payment_row(each) for each in allocations])
    await _check_parts(story, allocations)


async def _cut_checks(story: Story) -> None:
    """One over two bills, one in part, one that was typed into Procore by hand, two to be voided later."""
    posted = await story.clerk.bills()
    bills = {bill["invoice_number"]: bill["bill_id"] for bill in posted}
    by_hand = next(b for b in posted if b["vault_id"] == "by-hand" and Decimal(b["total"]) > 0)
    typed = story.facts["hand_typed_payment"]
    typed_row = await story.gateway.row("by-itself", typed["requisition_id"])
    today = datetime.now(UTC).date().isoformat()
    checks: list[tuple[str, str, dict[int, Decimal | None]]] = [
        ("30101", "one check over two bills", {bills["INV-1301"]: None, bills["INV-1302"]: None}),
        ("30102", "a part of a bill", {bills["INV-1303"]: PART}),
        ("30103", "paid in full, voided later", {bills["INV-2201"]: None}),
        ("30104", "paid in full, voided later", {bills["INV-1601"]: None}),
        ("30105", "a bill whose invoice had no number", {bills[WITHOUT_NUMBER]: None}),
        ("30106", "an invoice imported by hand", {by_hand["bill_id"]: None}),
        (typed["check_number"], "already typed into Procore", {bills[typed_row["invoice_number"]]: None}),
    ]
    for number, _, pays in checks:
        await story.clerk.write_check(
            number, typed["date"] if number == typed["check_number"] else today, pays
        )
    story.teller.table(
        "The clerk cuts checks", ("Check", "What it is"), [[each[0], each[1]] for each in checks]
    )


async def run_jobs(story: Story, jobs: tuple[str, ...]) -> None:
    """Run payment jobs of all vaults now and wait for them."""
    for job in jobs:
        for vault in BEHAVIORS:
            await until(f"{job} of {vault} did not run", partial(_run, story, vault, job))


async def _run(story: Story, vault: str, job: str) -> Json | None:
    """Run one job; nothing if another run of it is still under way."""
    operation = await story.gateway.act(f"/v1/vaults/{vault}/jobs/{job}/runs", {"dry_run": False})
    if operation["status"] == "done":
        return operation
    if operation["problem"]["code"] == "run_unfinished":
        return None
    raise StoryError(f"{job} of {vault} did not run: {operation}")


async def all_allocations(story: Story) -> list[Json]:
    """Every allocation that Drawbridge lists, over all vaults."""
    pages = [await story.gateway.pages(f"/v1/vaults/{vault}/payments") for vault in BEHAVIORS]
    return [allocation for page in pages for allocation in page]


async def settled_allocations(story: Story) -> list[Json] | None:
    """All allocations once nothing of them is on its way any more."""
    allocations = await all_allocations(story)
    done = allocations and all(each["write_back"]["state"] in SETTLED for each in allocations)
    return allocations if done else None


async def _check_parts(story: Story, allocations: list[Json]) -> None:
    """The story's own expectations: each check plays its part."""
    states = {each["payment"]["number"]: each["write_back"]["state"] for each in allocations}
    expected = dict.fromkeys(("30101", "30102", "30103", "30104", "30106"), "written")
    expected |= {
        "30105": "not_needed",
        story.facts["hand_typed_payment"]["check_number"]: "covered_by_foreign",
    }
    if states != expected:
        raise StoryError(f"Payments ended as {states}, expected {expected}.")
    part = next(each for each in allocations if each["payment"]["number"] == "30102")
    row = await story.gateway.row("by-itself", part["match"]["requisition_id"])
    if row["payment_state"] != "partially_paid":
        raise StoryError(f"Invoice {row['invoice_number']} is {row['payment_state']}, not partially paid.")
    story.teller.say(
        f"Invoice {row['invoice_number']} is partially paid; the hand-typed payment was not doubled."
    )


COLUMNS = ("Check", "Bill", "Cash", "Matched by", "In Procore")


def payment_row(allocation: Json) -> list[Cell]:
    """A payment as a line of a table."""
    match, unmatched = allocation["match"], allocation["unmatched"]
    return [
        allocation["payment"]["number"],
        allocation["bill"]["invoice_number"],
        Decimal(allocation["cash"]),
        match["evidence"] if match else f"unmatched: {unmatched['reason'] if unmatched else ''}",
        allocation["write_back"]["state"].replace("_", " "),
    ]
