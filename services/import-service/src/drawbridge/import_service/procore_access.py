"""Procore for the use cases: one client for each (company, credentials), one limit for each app."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta

import httpx

from drawbridge.contracts.vaults import VaultSettings
from drawbridge.procore import (
    BillingPeriod,
    Commitment,
    Credentials,
    Page,
    ProcoreClient,
    Project,
    RateLimiter,
    Requisition,
    Vendor,
)
from drawbridge.runtime import resolve_secret, utc_now

_KEPT = timedelta(minutes=15)


class _Kept[V]:
    """Answers that may be some minutes old."""

    def __init__(self) -> None:
        self._values: dict[tuple[int, ...], tuple[datetime, V]] = {}

    async def get(self, key: tuple[int, ...], ask: Callable[[], Awaitable[V]]) -> V:
        known = self._values.get(key)
        if known is not None and utc_now() - known[0] < _KEPT:
            return known[1]
        value = await ask()
        self.put(key, value)
        return value

    def put(self, key: tuple[int, ...], value: V) -> None:
        self._values[key] = (utc_now(), value)


class ProcoreCompany:
    """One Procore company; what changes seldom is kept for a quarter of an hour."""

    def __init__(self, client: ProcoreClient) -> None:
        self._client = client
        self._commitments: _Kept[Commitment] = _Kept()
        self._periods: _Kept[list[BillingPeriod]] = _Kept()

    async def list_projects(self) -> list[Project]:
        """The active projects that the app may see."""
        return await self._client.list_projects()

    async def list_vendors(self) -> list[Vendor]:
        """The company's vendors."""
        return await self._client.list_vendors()

    async def vendor(self, vendor_id: int) -> Vendor:
        """One vendor."""
        return await self._client.vendor(vendor_id)

    async def list_commitments(self, project_id: int) -> list[Commitment]:
        """A project's commitments as they are now; they serve the next imports too."""
        found = await self._client.list_commitments(project_id)
        for each in found:
            self._commitments.put((project_id, each.id), each)
        return found

    async def commitment(self, project_id: int, commitment_id: int) -> Commitment:
        """One commitment."""
        return await self._commitments.get(
            (project_id, commitment_id), lambda: self._client.commitment(project_id, commitment_id)
        )

    async def billing_periods(self, project_id: int) -> list[BillingPeriod]:
        """A project's billing periods."""
        return await self._periods.get((project_id,), lambda: self._client.billing_periods(project_id))

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

    ``share`` is the part of each app's limit that this service may use. ``transport`` replaces the network
    in tests.
    """

    def __init__(
        self,
        *,
        api_url: str,
        login_url: str,
        share: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._api_url = api_url
        self._login_url = login_url
        self._share = share
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
            limiter = self._limiters.setdefault(client_id, RateLimiter(self._share))
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

    async def close(self) -> None:
        """Close all companies."""
        for company in self._companies.values():
            await company.close()
        self._companies.clear()
