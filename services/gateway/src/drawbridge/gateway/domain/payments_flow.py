"""Whether payments flow back from the ledger to Procore, in one word and a reason (product: Payments)."""

from collections.abc import Sequence
from typing import Literal

from drawbridge.contracts.payments import JobState
from drawbridge.contracts.values import Value
from drawbridge.contracts.vaults import VaultSettings


class PaymentsFlow(Value):
    """Part of the vault and of the grid page, so that nobody waits for payments that cannot come."""

    status: Literal["ok", "off", "failing"]
    reason: str = ""


def payments_flow(settings: VaultSettings, jobs: Sequence[JobState]) -> PaymentsFlow:
    """Off when neither job is enabled; failing when an enabled one is; else ok."""
    enabled = {name for name in ("payment_retrieval", "check_backfill") if getattr(settings, name).enabled}
    if not settings.active:
        return PaymentsFlow(status="off", reason="The vault is deactivated.")
    if not enabled:
        return PaymentsFlow(status="off", reason="Neither payment job of this vault is enabled.")
    for job in jobs:
        if job.job in enabled and job.status == "failing":
            return PaymentsFlow(status="failing", reason=job.reason or f"The job {job.job} fails.")
    return PaymentsFlow(status="ok")
