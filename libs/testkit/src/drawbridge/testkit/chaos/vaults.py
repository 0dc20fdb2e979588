"""Three vaults on three projects, and what probes and measurements need before the faults begin."""

from functools import partial

from drawbridge.testkit.chaos.asked import Subject
from drawbridge.testkit.chaos.scene import BEHAVIORS, Scene
from drawbridge.testkit.stack.doors import Json, until

POLL_SECONDS = 5
START_PATIENCE = 90.0


async def set_up(scene: Scene) -> None:
    """Create the vaults, wait until all is read and imported once, and choose what probes look at."""
    for vault in BEHAVIORS:
        await scene.gateway.send("PUT", f"/v1/vaults/{vault}", _settings(scene, vault))
    for vault, behavior in BEHAVIORS.items():
        look = partial(_settled, scene, vault, waits_for_import=behavior != "none")
        await until(f"{vault} was not read", look, START_PATIENCE)
    await _choose_probes(scene)


def _settings(scene: Scene, vault: str) -> Json:
    job = {"enabled": True, "schedule": "0 * * * *"}
    return {
        "name": vault,
        "time_zone": "America/Denver",
        "currency": "USD",
        "procore": {
            "company_id": scene.at.info.company_id,
            "client_id": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID",
            "client_secret": "env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET",
        },
        "projects": [scene.projects[vault]],
        "automated_import": BEHAVIORS[vault],
        "poll_seconds": POLL_SECONDS,
        "ledger": "sage-main",
        "payment_retrieval": job,
        "check_backfill": job,
    }


async def _settled(scene: Scene, vault: str, *, waits_for_import: bool) -> bool | None:
    projects = (await scene.gateway.get(f"/v1/vaults/{vault}/projects"))["items"]
    if not any(each["as_of"] for each in projects):
        return None
    rows = await scene.gateway.rows(vault)
    untouched = [
        row for row in rows if row["procore_status"] == "approved" and row["import_state"] == "not_imported"
    ]
    return None if waits_for_import and untouched else True


async def _choose_probes(scene: Scene) -> None:
    rows = await scene.gateway.rows("by-hand")
    row = next(row for row in rows if row["actions"]["import"]["allowed"])
    path = f"/v1/vaults/by-hand/procore-invoices/{row['requisition_id']}/import"
    operation = await scene.gateway.send("POST", path)
    scene.asked.accept(operation["id"], "import")

    async def imported() -> str | None:
        shown = await scene.gateway.get(f"/v1/vaults/by-hand/procore-invoices/{row['requisition_id']}")
        invoice_id: str | None = shown["invoice_id"]
        return invoice_id

    scene.probe_requisition = row["requisition_id"]
    scene.probe_invoice = await until("the first import by hand did not work", imported)
    done = next(r for r in await scene.gateway.rows("by-itself") if r["import_state"] == "imported")
    scene.probe_subject = Subject("by-itself", done["project_id"], done["requisition_id"])
