"""The body of PATCH vault: every setting optional, none with a default of its own."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.contracts.values import ProcoreId
from drawbridge.contracts.vaults import AcceptedStatus, AutomatedImport, JobSettings, ProcoreConnection


class VaultPatch(BaseModel):
    """Only what is named changes; an object replaces the one that was there."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"automated_import": "queue", "import_from": "2026-01-01"}]},
    )

    name: str | None = None
    active: bool | None = None
    time_zone: str | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    procore: ProcoreConnection | None = None
    projects: tuple[ProcoreId, ...] | Literal["rest"] | None = None
    accepted_statuses: tuple[AcceptedStatus, ...] | None = None
    automated_import: AutomatedImport | None = None
    poll_seconds: int | None = Field(default=None, ge=1)
    import_from: date | None = None
    payments_from: date | None = None
    duplicate_guard: Literal["warning", "error"] | None = None
    ledger: str | None = None
    payment_retrieval: JobSettings | None = None
    check_backfill: JobSettings | None = None
    use_origin_id: bool | None = None
