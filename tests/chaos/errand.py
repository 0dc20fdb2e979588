"""One invoice on its whole way: billed, asked for, imported, processed, paid, and its payment in Procore."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from random import Random

from drawbridge.testkit.chaos.asked import Subject, request_for
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.workload.clicking import JOBS, click
from drawbridge.testkit.chaos.workload.publishing import new_id, send_good
from drawbridge.testkit.stack.doors import Json, until

VAULT = "by-itself"
PATIENCE = 120.0


async def run_errands(scene: Scene, chance: Random, enough: asyncio.Event) -> int:
    """Run errands until it is enough; gives how many came to their end."""
    number = 0
    while not enough.is_set():
        await run_errand(scene, chance)
        number += 1
    return number


async def run_errand(scene: Scene, chance: Random) -> None:
    """Take one invoice all the way. Raises DoorError where it gets stuck."""
    requisition = await _bill(scene, chance)
    subject = Subject(VAULT, scene.projects[VAULT], requisition["id"])
    await send_good(scene, request_for(subject, new_id(chance)), subject)
    invoice_id = await until("it was not imported", partial(_imported, scene, subject), PATIENCE)
    await until("it was not processed", partial(_processed, scene, invoice_id), PATIENCE)
    bill_id = await until("it became no bill", partial(_bill_of, scene, invoice_id), PATIENCE)
    number = f"{chance.randint(100_000, 999_999_999)}"
    today = datetime.now(UTC).date().isoformat()
    check = {"check_number": number, "date": today, "pays": [{"bill_id": bill_id}]}
    await scene.clerk.send("POST", "/checks", check)
    await until("it was not paid in Procore", partial(_paid, scene, number), PATIENCE)


async def _bill(scene: Scene, chance: Random) -> Json:
    """Bill the next invoice on one of the project's commitments; several share the write-backs better."""
    project = scene.projects[VAULT]
    rows = await scene.procore.requisitions(project)
    commitments = {row["commitment_id"] for row in rows}
    special = scene.facts["no_vendor_code_requisition_id"]
    without_code = {row["commitment_id"] for row in rows if row["id"] == special}
    body = {
        "commitment_id": chance.choice(sorted(commitments - without_code)),
        "work": f"{chance.randint(1_000, 20_000)}.00",
        "invoice_number": f"E-{chance.getrandbits(32):08x}",
    }
    made: Json = await scene.procore.send("POST", f"/control/projects/{project}/requisitions", body)
    return made


async def _imported(scene: Scene, subject: Subject) -> str | None:
    rows = await scene.gateway.rows(subject.vault)
    row = next((row for row in rows if row["requisition_id"] == subject.requisition_id), None)
    return row["invoice_id"] if row else None


async def _processed(scene: Scene, invoice_id: str) -> bool | None:
    path = f"/v1/vaults/{VAULT}/invoices/{invoice_id}"
    invoice = await scene.gateway.get(path)
    if invoice["status"] == "processed":
        return True
    if invoice["actions"]["process"]["allowed"]:
        await click(scene, f"{path}/process", what="process", wait=3)
    return None


async def _bill_of(scene: Scene, invoice_id: str) -> int | None:
    bills = await scene.clerk.get("/bills", invoice_id=invoice_id)
    return bills[0]["bill_id"] if bills else None


async def _paid(scene: Scene, number: str) -> bool | None:
    """Run both jobs as long as the payment is not in Procore."""
    if any(row["check_number"] == number for row in await scene.procore.contract_payments()):
        return True
    for job in JOBS:
        await click(scene, f"/v1/vaults/{VAULT}/jobs/{job}/runs", {"dry_run": False}, what=job)
    await asyncio.sleep(2)
    return None
