"""R10 stale or re-ordered input never wins, and the history is complete all the same."""

from drawbridge.testkit.chaos.checker.promise import Promise
from drawbridge.testkit.chaos.checker.seen import Seen
from drawbridge.testkit.chaos.scene import Scene

_EPOCH = 2**40


async def check_histories(scene: Scene, seen: Seen) -> Promise:
    """R10: each row shows its highest version and Procore's present status; no version is missing."""
    stale: list[str] = []
    gaps: list[str] = []
    versions = 0
    for vault, rows in seen.rows.items():
        statuses = {each["id"]: each["status"] for each in seen.requisitions[vault]}
        for row in rows:
            identity = row["requisition_id"]
            path = f"/v1/vaults/{vault}/procore-invoices/{identity}/history"
            told = sorted(line["version"] for line in (await scene.gateway.get(path))["items"])
            versions += len(told)
            if told and row["version"] != told[-1]:
                stale.append(f"requisition {identity} shows version {row['version']} of {told[-1]}")
            if row["procore_status"] != statuses.get(identity, row["procore_status"]):
                stale.append(f"requisition {identity} is shown as {row['procore_status']}")
            missing = set(range(_number(told), told[-1] + 1)) - set(told) if told else set()
            gaps += [f"requisition {identity} lacks version {each % _EPOCH}" for each in sorted(missing)]
    figures: dict[str, object] = {"versions": versions, "stale": len(stale), "gaps": len(gaps)}
    return Promise("R10", figures, stale + gaps)


def _number(told: list[int]) -> int:
    """The first version of the epoch of the newest one."""
    return told[-1] - told[-1] % _EPOCH + 1
