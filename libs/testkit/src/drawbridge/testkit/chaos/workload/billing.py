"""People at Procore: they approve, take back, correct and bill more; never what probes look at."""

from random import Random

from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.chaos.workload.clicking import VAULTS
from drawbridge.testkit.stack.doors import Json

MOST_INVOICES = 130
"""No more are billed, so that a long run does not become a test of size."""


async def bill_another(scene: Scene, chance: Random) -> None:
    """Bill one more invoice, approved or not yet."""
    vault = chance.choice(VAULTS)
    total = sum([len(await scene.procore.requisitions(project)) for project in scene.projects.values()])
    if total < MOST_INVOICES:
        body = {
            "work": f"{chance.randint(1_000, 20_000)}.00",
            "invoice_number": f"C-{chance.getrandbits(32):08x}",
            "status": chance.choice(("approved", "approved", "approved", "under_review")),
        }
        await scene.procore.send("POST", f"/control/projects/{scene.projects[vault]}/requisitions", body)


async def change_status(scene: Scene, chance: Random) -> None:
    """Approve what is not approved, or take an approval back."""
    record = await _any(scene, chance)
    if record is not None:
        action = "unapprove" if record["status"] == "approved" and chance.random() < 0.3 else "approve"  # noqa: PLR2004  # seldom
        await scene.procore.ask("POST", f"/control/requisitions/{record['id']}/{action}")


async def correct(scene: Scene, chance: Random) -> None:
    """Change what was billed."""
    record = await _any(scene, chance)
    if record is not None:
        body = {"work": f"{chance.randint(100, 900)}.00"}
        await scene.procore.ask("POST", f"/control/requisitions/{record['id']}/correct", body)


async def _any(scene: Scene, chance: Random) -> Json | None:
    rows = await scene.procore.requisitions(scene.projects[chance.choice(VAULTS)])
    kept = _looked_at(scene)
    rows = [row for row in rows if row["id"] not in kept]
    return chance.choice(rows) if rows else None


def _looked_at(scene: Scene) -> set[int]:
    subject = scene.probe_subject
    broken: int = scene.facts["broken_requisition_id"]
    return {broken, scene.probe_requisition} | ({subject.requisition_id} if subject else set())
