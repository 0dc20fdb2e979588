"""A vault's settings, as every service knows them, and the problems that services find in them."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, Strict

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.message import Event, StateEvent
from drawbridge.contracts.values import Day, GivenId, Timestamp, Value, VaultId, whole

AutomatedImport = Literal["none", "queue", "invoice"]
"""What happens to an invoice that becomes importable: nothing, a queue document, an AP invoice at once."""

AcceptedStatus = Literal["approved", "approved_as_noted", "pending_owner_approval"]
"""The Procore statuses that a vault may accept (product rule 2)."""

JobName = Literal["payment_retrieval", "check_backfill"]
"""The two scheduled payment jobs of a vault."""


AcceptedStatuses = Annotated[tuple[AcceptedStatus, ...], Field(min_length=1)]
Projects = tuple[GivenId, ...] | Literal["rest"]
VaultName = Annotated[str, Field(min_length=1, max_length=200)]
LedgerName = Annotated[str, Field(min_length=1, max_length=200)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
PollSeconds = Annotated[int, Strict(), Field(ge=1, le=7 * 86_400), BeforeValidator(whole)]
YesNo = Annotated[bool, Strict()]
SecretReference = Annotated[
    str,
    Field(
        json_schema_extra={"pattern": "^(env:DRAWBRIDGE_SECRET_[A-Z0-9_]+|file:[A-Za-z0-9][A-Za-z0-9._-]*)$"}
    ),
]
"""The kinds of settings. A person writes them, so nothing is converted: ``"no"`` is no truth value.

A reference's form is checked by the gateway, which says what it should be; the pattern is for front ends.
"""


class ProcoreConnection(Value):
    """One Procore company and the references (never the values) of the app's credentials.

    ``webhook_authorization`` refers to the value that Procore sends as ``Authorization`` with each webhook;
    with it, Drawbridge sets up webhooks by itself, without it there are none.
    """

    company_id: GivenId
    client_id: SecretReference = Field(examples=["env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID"])
    client_secret: SecretReference = Field(examples=["env:DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET"])
    webhook_authorization: SecretReference | None = Field(
        default=None, examples=["env:DRAWBRIDGE_SECRET_PROCORE_WEBHOOK"]
    )


class JobSettings(Value):
    """When a payment job runs: a five-field cron expression in the vault's time zone."""

    enabled: YesNo = False
    schedule: str = "0 * * * *"


class VaultChoices(Value):
    """Everything that a vault's admin decides. Hosts, ledger addresses and secrets are not among it.

    ``projects`` lists Procore project ids, or is ``rest``: what no other active vault of the company
    lists. ``ledger`` names an entry of the deployment's ledgers file. ``import_from`` and
    ``payments_from`` are the go-live dates (product rule 13).
    """

    name: VaultName
    active: YesNo = True
    time_zone: str = "UTC"
    currency: Currency = "USD"
    procore: ProcoreConnection
    projects: Projects = "rest"
    accepted_statuses: AcceptedStatuses = ("approved",)
    automated_import: AutomatedImport = "none"
    poll_seconds: PollSeconds = 900
    import_from: Day | None = None
    payments_from: Day | None = None
    duplicate_guard: Literal["warning", "error"] = "warning"
    ledger: LedgerName | None = None
    payment_retrieval: JobSettings = JobSettings()
    check_backfill: JobSettings = JobSettings()
    use_origin_id: YesNo = False
    managed_by: Literal["file", "api"] = "api"


class VaultSettings(VaultChoices):
    """The admin's choices as they are in force.

    ``automated_import_since`` is when the behavior was last changed: it applies to rows that become
    importable after it (product rule 12). The gateway sets it.
    """

    automated_import_since: Timestamp


class VaultSettingsState(StateEvent):
    """A full snapshot of one vault's settings. The gateway is the only sender."""

    TYPE: ClassVar[str] = "drawbridge.vault.settings.v1"

    vault_id: VaultId
    settings: VaultSettings

    def subject(self) -> str:
        """``vault/<vault>``."""
        return f"vault/{self.vault_id}"


class VaultProblemsReported(Event):
    """What one service found when it took over a version of the settings; an empty list means well.

    ``vaults apply`` waits for these: the service that resolves a secret reference is the one to say
    that it resolves nowhere.
    """

    TYPE: ClassVar[str] = "drawbridge.vault.problems.v1"

    vault_id: VaultId
    service: str
    settings_version: int
    problems: tuple[Problem, ...] = ()

    def subject(self) -> str:
        """``vault/<vault>``."""
        return f"vault/{self.vault_id}"
