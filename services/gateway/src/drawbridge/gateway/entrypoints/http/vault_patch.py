"""The body of PATCH vault: every setting optional, none with a default of its own."""

from typing import Literal

from pydantic import ConfigDict

from drawbridge.contracts.values import Day
from drawbridge.contracts.vaults import (
    AcceptedStatuses,
    AutomatedImport,
    Currency,
    JobSettings,
    LedgerName,
    PollSeconds,
    ProcoreConnection,
    Projects,
    VaultName,
    YesNo,
)
from drawbridge.gateway.entrypoints.http.bodies import UNNAMED, Body


class VaultPatch(Body):
    """Only what is named changes; an object replaces the one that was there."""

    model_config = ConfigDict(
        strict=False,  # the types of settings are strict where that is right
        json_schema_extra={"examples": [{"automated_import": "queue", "import_from": "2026-01-01"}]},
    )

    name: VaultName = UNNAMED
    active: YesNo = UNNAMED
    time_zone: str = UNNAMED
    currency: Currency = UNNAMED
    procore: ProcoreConnection = UNNAMED
    projects: Projects = UNNAMED
    accepted_statuses: AcceptedStatuses = UNNAMED
    automated_import: AutomatedImport = UNNAMED
    poll_seconds: PollSeconds = UNNAMED
    import_from: Day | None = None
    payments_from: Day | None = None
    duplicate_guard: Literal["warning", "error"] = UNNAMED
    ledger: LedgerName | None = None
    payment_retrieval: JobSettings = UNNAMED
    check_backfill: JobSettings = UNNAMED
    use_origin_id: YesNo = UNNAMED
