"""Failures on order, so that retries can be counted exactly (promise R8)."""

from dataclasses import dataclass
from functools import partial

from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.stack.doors import FINAL, Json, until

FAILURES = 2
"""How often Procore fails for the one invoice whose retries are counted exactly."""

_PATIENCE = 120.0


@dataclass(frozen=True)
class Counted:
    """What became of a click for which Procore failed `FAILURES` times: so many failed tries are shown."""

    status: str
    shown: int
    left: int
    """Failures that nobody met."""

    def add_to(self, promise: Promise, *, exactly: bool) -> None:
        """Add the count to promise R8; not ``exactly`` where a busy machine may fail a try by itself."""
        promise.figures["forced_failures"] = FAILURES
        promise.figures["failed_tries"] = self.shown
        fits = self.shown == FAILURES or (self.shown > FAILURES and not exactly)
        if not fits or (self.status, self.left) != ("done", 0):
            promise.broken.append(f"{FAILURES} forced failures, but {self}")


async def count_retries(scene: Scene) -> Counted:
    """Let Procore fail for one invoice, look at it once, and count the tries."""
    path = f"/rest/v1.1/requisitions/{scene.probe_requisition}"
    fault = {"kind": "fail", "status": 500, "times": FAILURES, "match": {"path_prefix": path}}
    await scene.procore.send("POST", "/control/faults", fault)
    refresh = f"/v1/vaults/by-hand/invoices/{scene.probe_invoice}/refresh"
    operation = await scene.gateway.send("POST", refresh, {"preview": True})
    scene.asked.accept(operation["id"], "preview that fails at first")
    ended = await until("a preview did not end", partial(_ended, scene, operation["id"]), _PATIENCE)
    left = await scene.procore.get("/control/faults")
    return Counted(ended["status"], ended["attempts"], sum(each["times"] for each in left))


async def _ended(scene: Scene, operation_id: str) -> Json | None:
    operation: Json = await scene.gateway.get(f"/v1/operations/{operation_id}")
    return operation if operation["status"] in FINAL else None
