"""People who click: import, New Invoice, refresh, process, reprocess, re-read, run a job."""

import asyncio
from random import Random

from drawbridge.testkit.chaos.scene import BEHAVIORS, Scene
from drawbridge.testkit.chaos.workload.publishing import AUTOMATED
from drawbridge.testkit.stack.doors import Json

VAULTS = tuple(BEHAVIORS)
JOBS = ("payment_retrieval", "check_backfill")


async def click_import(scene: Scene, chance: Random) -> None:
    """Import by hand; sometimes with a double click."""
    rows = [row for row in await scene.gateway.rows("by-hand") if row["actions"]["import"]["allowed"]]
    if rows:
        path = f"/v1/vaults/by-hand/procore-invoices/{chance.choice(rows)['requisition_id']}/import"
        clicks = 2 if chance.random() < 0.3 else 1  # noqa: PLR2004  # nearly a third
        await asyncio.gather(*(click(scene, path, what="import") for _ in range(clicks)))


async def click_new_invoice(scene: Scene, chance: Random) -> None:
    """New Invoice on a document of the queue; what changed in Procore meanwhile is accepted."""
    found = await scene.gateway.pages("/v1/vaults/by-queue/queue-documents")
    if found:
        path = f"/v1/vaults/by-queue/queue-documents/{chance.choice(found)['id']}/new-invoice"
        answer = await click(scene, path, {}, what="new invoice", wait=3)
        if answer and answer.get("content_hash") and answer["status"] != "done":
            await click(scene, path, {"content_hash": answer["content_hash"]}, what="new invoice")


async def click_refresh(scene: Scene, chance: Random) -> None:
    """Look at what changed in Procore, and apply it."""
    invoices = await _invoices(scene, chance, "refresh")
    if invoices:
        vault, invoice = chance.choice(invoices)
        path = f"/v1/vaults/{vault}/invoices/{invoice['id']}/refresh"
        preview = await click(scene, path, {"preview": True}, what="preview", wait=3)
        if preview and preview.get("content_hash"):
            await click(scene, path, {"content_hash": preview["content_hash"]}, what="refresh")


async def click_process(scene: Scene, chance: Random) -> None:
    """Hand an AP invoice over to the ledger."""
    invoices = await _invoices(scene, chance, "process")
    if invoices:
        vault, invoice = chance.choice(invoices)
        await click(scene, f"/v1/vaults/{vault}/invoices/{invoice['id']}/process", what="process")


async def click_reprocess(scene: Scene, chance: Random) -> None:
    """Ask the cloud service to try a row again."""
    vault = chance.choice(AUTOMATED)
    rows = [row for row in await scene.gateway.rows(vault) if row["actions"]["reprocess"]["allowed"]]
    if rows:
        row = chance.choice(rows)
        await click(
            scene,
            f"/v1/vaults/{vault}/procore-invoices/{row['requisition_id']}/reprocess",
            what="reprocess",
        )


async def click_sync(scene: Scene, chance: Random) -> None:
    """Re-read a project."""
    vault = chance.choice(VAULTS)
    await click(scene, f"/v1/vaults/{vault}/projects/{scene.projects[vault]}/sync", what="sync")


async def click_job(scene: Scene, chance: Random) -> None:
    """Run a payment job now."""
    vault, job = chance.choice(VAULTS), chance.choice(JOBS)
    await click(scene, f"/v1/vaults/{vault}/jobs/{job}/runs", {"dry_run": False}, what=job)


async def click(
    scene: Scene, path: str, body: Json | None = None, *, what: str, wait: int = 0
) -> Json | None:
    """Ask once, as a person does; an accepted operation is remembered. None where nobody answered.

    A 409 that shows what changed in Procore is an accepted operation with its outcome.
    """
    answer = await scene.gateway.ask("POST", path, body, Prefer=f"wait={wait}")
    if answer is None:
        scene.asked.unanswered += 1
        return None
    said: Json = answer.json()
    operation_id = said.get("operation_id") if answer.is_error else said.get("id")
    if operation_id is not None:
        scene.asked.accept(operation_id, what)
    return said


async def _invoices(scene: Scene, chance: Random, action: str) -> list[tuple[str, Json]]:
    """The AP invoices of a vault that allow an action, but for the one that probes look at."""
    vault = chance.choice(VAULTS)
    found = await scene.gateway.pages(f"/v1/vaults/{vault}/invoices")
    return [
        (vault, invoice)
        for invoice in found
        if invoice["actions"][action]["allowed"] and invoice["id"] != scene.probe_invoice
    ]
