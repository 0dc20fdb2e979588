"""Procore for the use cases: one client for each (company, credentials), one limit for each app."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from datetime import date, timedelta

import httpx

from drawbridge.contracts.vaults import VaultSettings
from drawbridge.import_service.kept import Kept
from drawbridge.procore import (
    BillingPeriod,
    BudgetCode,
    Commitment,
    CostCode,
    Counted,
    Credentials,
    Page,
    ProcoreClient,
    ProcoreWebhooks,
    Project,
    RateLimiter,
    Record,
    Requisition,
    TaxCode,
    Vendor,
    WebhookResource,
    budget_key,
)
from drawbridge.runtime import resolve_secret

_KEPT = timedelta(hours=1)
_COMPANY = 0
_MISSED = timedelta(minutes=5)
"""A list that lacks what is wanted is read again unless it is younger than this."""


class ProcoreCompany:
    """One Procore company; what changes seldom is kept for an hour."""

    def __init__(self, client: ProcoreClient) -> None:
        self._client = client
        self._vendors: Kept[Vendor] = Kept(_KEPT)
        self._commitments: Kept[dict[int, Commitment]] = Kept(_KEPT)
        self._periods: Kept[dict[int, BillingPeriod]] = Kept(_KEPT)
        self._cost_codes: Kept[dict[int, CostCode]] = Kept(_KEPT)
        self._budget_codes: Kept[dict[int, BudgetCode]] = Kept(_KEPT)
        self._tax_codes: Kept[dict[int, TaxCode]] = Kept(_KEPT)
        self._users: Kept[int] = Kept(_KEPT)
        self._resources: Kept[list[WebhookResource]] = Kept(_KEPT)
        self.webhooks: ProcoreWebhooks = client.webhooks

    async def list_projects(self) -> list[Project]:
        """The active projects that the app may see."""
        return await self._client.list_projects()

    async def list_vendors(self) -> list[Vendor]:
        """The company's vendors as they are now; they serve the next imports too."""
        found = await self._client.list_vendors()
        for vendor in found:
            self._vendors.put(vendor.id, vendor)
        return found

    async def vendor(self, vendor_id: int) -> Vendor:
        """One vendor."""
        return await self._vendors.get(vendor_id, lambda: self._client.vendor(vendor_id))

    async def list_commitments(self, project_id: int) -> dict[int, Commitment]:
        """A project's commitments as they are now; they serve the next imports too."""
        found = await _by_id(lambda: self._client.list_commitments(project_id))()
        self._commitments.put(project_id, found)
        return found

    async def commitments(self, project_id: int, wanted: Collection[int]) -> Mapping[int, Commitment]:
        """A project's commitments, with those that are wanted if the app may see them."""
        ask = _by_id(lambda: self._client.list_commitments(project_id))
        return await _with_all(self._commitments, project_id, ask, wanted)

    async def billing_periods(self, project_id: int, wanted: Collection[int]) -> Mapping[int, BillingPeriod]:
        """A project's billing periods, with those that are wanted."""
        ask = _by_id(lambda: self._client.billing_periods(project_id))
        return await _with_all(self._periods, project_id, ask, wanted)

    async def cost_codes(self, project_id: int, wanted: Collection[int]) -> Mapping[int, CostCode]:
        """A project's cost codes, with those that are wanted."""
        ask = _by_id(lambda: self._client.cost_codes(project_id))
        return await _with_all(self._cost_codes, project_id, ask, wanted)

    async def budget_codes(self, project_id: int, wanted: Collection[int]) -> Mapping[int, BudgetCode]:
        """A project's budget codes, with those that are wanted."""
        ask = _by_id(lambda: self._client.budget_codes(project_id))
        return await _with_all(self._budget_codes, project_id, ask, wanted)

    async def tax_codes(self, wanted: Collection[int]) -> Mapping[int, TaxCode]:
        """The company's tax codes, with those that are wanted."""
        return await _with_all(self._tax_codes, _COMPANY, _by_id(self._client.tax_codes), wanted)

    async def own_user(self) -> int:
        """The id of the app's own user."""

        async def ask() -> int:
            return (await self._client.me()).id

        return await self._users.get("me", ask)

    async def webhook_resources(self, project_id: int, payload_version: str) -> list[WebhookResource]:
        """What webhooks can tell of: the same in all projects."""
        return await self._resources.get(
            payload_version, lambda: self.webhooks.resources(project_id, payload_version)
        )

    def list_requisitions(
        self, project_id: int, updated_since: date | None = None
    ) -> AsyncIterator[Page[Requisition]]:
        """The invoices of a project with their lines; all, or those updated since a day."""
        return self._client.list_requisitions(project_id, "extended", updated_since)

    async def requisition(self, project_id: int, requisition_id: int) -> Requisition:
        """One invoice with its lines."""
        return await self._client.requisition(project_id, requisition_id, view="extended")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


class ProcoreCompanies:
    """Opens companies and keeps them; secrets are resolved at every use, so a changed one is taken up.

    ``share`` is the part of each budget that this service may use; ``budget`` says whether Procore counts the
    calls of an app by company or altogether. ``transport`` replaces the network in tests.
    """

    def __init__(
        self,
        *,
        api_url: str,
        login_url: str,
        share: float,
        budget: Counted = "company",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._api_url = api_url
        self._login_url = login_url
        self._share = share
        self._budget = budget
        self._transport = transport
        self._companies: dict[tuple[int, Credentials], ProcoreCompany] = {}
        self._limiters: dict[str, RateLimiter] = {}

    def of(self, settings: VaultSettings) -> ProcoreCompany:
        """The vault's company.

        Raises:
            Refused: ``secret_reference``, when a reference leads nowhere.
        """
        procore = settings.procore
        client_id = resolve_secret(procore.client_id).get_secret_value()
        credentials = Credentials(client_id, resolve_secret(procore.client_secret))
        key = (procore.company_id, credentials)
        if key not in self._companies:
            limiter = self._limiters.setdefault(self.budget_of(settings), RateLimiter(self._share))
            client = ProcoreClient(
                api_url=self._api_url,
                login_url=self._login_url,
                credentials=credentials,
                company_id=procore.company_id,
                limiter=limiter,
                transport=self._transport,
            )
            self._companies[key] = ProcoreCompany(client)
        return self._companies[key]

    def budget_of(self, settings: VaultSettings) -> str:
        """A name for the budget of calls that the vault uses; the same in all workers, and no secret.

        Raises:
            Refused: ``secret_reference``, when the reference leads nowhere.
        """
        client_id = resolve_secret(settings.procore.client_id).get_secret_value()
        return budget_key(client_id, settings.procore.company_id, self._budget)

    async def close(self) -> None:
        """Close all companies."""
        for company in self._companies.values():
            await company.close()
        self._companies.clear()


def _by_id[R: Record](ask: Callable[[], Awaitable[list[R]]]) -> Callable[[], Awaitable[dict[int, R]]]:
    """The question whose answer is the list's records by id."""

    async def asked() -> dict[int, R]:
        return {record.id: record for record in await ask()}

    return asked


async def _with_all[V](
    kept: Kept[dict[int, V]], key: int, ask: Callable[[], Awaitable[dict[int, V]]], wanted: Collection[int]
) -> Mapping[int, V]:
    """The kept records by id; read anew where one that is wanted is not among them."""
    known = await kept.get(key, ask)
    if known.keys() >= set(wanted):
        return known
    return await kept.get(key, ask, not_older_than=_MISSED)
