"""What the use cases need of Procore: reading, and no writing but of webhooks (product rule 14)."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date
from typing import Protocol

from drawbridge.contracts.vaults import VaultSettings
from drawbridge.procore import (
    BillingPeriod,
    BudgetCode,
    Commitment,
    CostCode,
    Page,
    ProcoreWebhooks,
    Project,
    Requisition,
    TaxCode,
    Vendor,
    WebhookResource,
)


class Procore(Protocol):
    """One Procore company.

    Every method raises `Waiting` (limit or maintenance), `Retryable` (no answer) or `Refused` (Procore's no).
    """

    @property
    def webhooks(self) -> ProcoreWebhooks:
        """The hooks and triggers of the company's projects."""
        ...

    async def own_user(self) -> int:
        """The id of the app's own user; may be some minutes old."""
        ...

    async def webhook_resources(self, project_id: int, payload_version: str) -> list[WebhookResource]:
        """What webhooks can tell of; may be some minutes old."""
        ...

    async def list_projects(self) -> list[Project]:
        """The active projects that the app may see."""
        ...

    async def list_vendors(self) -> list[Vendor]:
        """The company's vendors."""
        ...

    async def vendor(self, vendor_id: int) -> Vendor:
        """One vendor; may be an hour old."""
        ...

    async def list_commitments(self, project_id: int) -> Mapping[int, Commitment]:
        """A project's commitments by id, thin, as they are now."""
        ...

    async def commitments(self, project_id: int, wanted: Collection[int]) -> Mapping[int, Commitment]:
        """The same, but may be an hour old; lacks of the wanted ones only what the app may not see."""
        ...

    async def billing_periods(self, project_id: int, wanted: Collection[int]) -> Mapping[int, BillingPeriod]:
        """A project's billing periods by id; may be an hour old, but have those that are wanted."""
        ...

    async def cost_codes(self, project_id: int, wanted: Collection[int]) -> Mapping[int, CostCode]:
        """A project's cost codes by id, like its billing periods."""
        ...

    async def budget_codes(self, project_id: int, wanted: Collection[int]) -> Mapping[int, BudgetCode]:
        """A project's budget codes by id, like its billing periods."""
        ...

    async def tax_codes(self, wanted: Collection[int]) -> Mapping[int, TaxCode]:
        """The company's tax codes by id, like billing periods."""
        ...

    def list_requisitions(
        self, project_id: int, updated_since: date | None = None
    ) -> AsyncIterator[Page[Requisition]]:
        """The invoices of a project with their lines, page by page; all, or those updated since a day."""
        ...

    async def requisition(self, project_id: int, requisition_id: int) -> Requisition:
        """One invoice with its lines, as it is now."""
        ...


class ProcoreAccess(Protocol):
    """Opens the Procore company of a vault."""

    def of(self, settings: VaultSettings) -> Procore:
        """The vault's Procore company, with the credentials that its settings refer to.

        Raises:
            Refused: ``secret_reference``, when a reference leads nowhere.
        """
        ...
