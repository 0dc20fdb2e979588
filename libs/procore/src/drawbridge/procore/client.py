"""The Procore calls that Drawbridge makes, as typed methods."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any, Literal, Self

import httpx
from pydantic import ValidationError

from drawbridge.procore.http import Params, ProcoreHttp, decoded, unreadable
from drawbridge.procore.limits import RateLimiter, utc_now
from drawbridge.procore.models.codes import BudgetCode, CostCode, TaxCode
from drawbridge.procore.models.commitment import Commitment
from drawbridge.procore.models.contract_payment import (
    ContractPayment,
    ContractPaymentChange,
    ContractPaymentDraft,
)
from drawbridge.procore.models.directory import BillingPeriod, Company, Project, User, Vendor
from drawbridge.procore.models.record import Record
from drawbridge.procore.models.requisition import Requisition
from drawbridge.procore.outcomes import Ambiguous, Ok, Outcome
from drawbridge.procore.paging import Page, pages, read_page
from drawbridge.procore.tokens import Credentials
from drawbridge.procore.webhooks import ProcoreWebhooks

type RequisitionView = Literal["default", "items", "header_only", "extended", "action_policy"]
type ProjectStatus = Literal["Active", "Inactive", "All"]

_PAYMENTS = "/rest/v1.0/contract_payments"
_REQUISITIONS = "/rest/v1.1/requisitions"
_CLOCKS_APART = timedelta(days=2)


class ProcoreClient:
    """One Procore company, seen with one app's credentials; use it as ``async with``.

    Every read raises `Waiting` (limit or maintenance), `Retryable` (no answer) or `Refused` (Procore's no,
    code ``procore_not_found`` for a 404). Every write returns an `Outcome` and raises `Waiting` on a 429.
    Hosts are configuration: Procore has several environments.
    """

    def __init__(
        self,
        *,
        api_url: str,
        login_url: str,
        credentials: Credentials,
        company_id: int,
        limiter: RateLimiter | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = ProcoreHttp(
            api_url, login_url, credentials, company_id, limiter or RateLimiter(), transport
        )
        self._company_id = company_id
        self.webhooks = ProcoreWebhooks(self._http, company_id)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def sign_in(self) -> None:
        """Get a token now, which every call does by itself, to know that the credentials are accepted."""
        await self._http.sign_in()

    async def list_companies(self) -> list[Company]:
        """List the companies that have installed the app."""
        return await self._all(Company, "/rest/v1.0/companies", {})

    async def me(self) -> User:
        """Read the app's own directory user, who is named as the cause of what the app does."""
        return await self._one(User, "/rest/v1.0/me", {"company_id": self._company_id})

    async def list_projects(self, status: ProjectStatus = "Active") -> list[Project]:
        """List the projects that the app may see; a project not granted to it is silently absent."""
        params: dict[str, str | int] = {
            "company_id": self._company_id,
            "view": "normal",
            "filters[by_status]": status,
        }
        return await self._all(Project, "/rest/v1.1/projects", params)

    async def project(self, project_id: int) -> Project:
        """Read one project."""
        return await self._one(Project, f"/rest/v1.0/projects/{project_id}", {"company_id": self._company_id})

    async def list_vendors(self) -> list[Vendor]:
        """List the company's vendors; inactive ones may be absent, `vendor` still finds them."""
        params: dict[str, str | int] = {"company_id": self._company_id, "view": "extended"}
        return await self._all(Vendor, "/rest/v1.0/vendors", params)

    async def vendor(self, vendor_id: int) -> Vendor:
        """Read one company vendor."""
        params: dict[str, str | int] = {"company_id": self._company_id, "view": "extended"}
        return await self._one(Vendor, f"/rest/v1.0/vendors/{vendor_id}", params)

    async def billing_periods(self, project_id: int) -> list[BillingPeriod]:
        """List a project's billing periods, which hold the due dates."""
        return await self._all(BillingPeriod, f"/rest/v1.0/projects/{project_id}/billing_periods", {})

    async def cost_codes(self, project_id: int) -> list[CostCode]:
        """List a project's cost codes."""
        return await self._all(CostCode, "/rest/v1.0/cost_codes", {"project_id": project_id})

    async def budget_codes(self, project_id: int) -> list[BudgetCode]:
        """List a project's budget codes (WBS codes)."""
        path = f"/rest/v1.0/projects/{project_id}/work_breakdown_structure/wbs_codes"
        return await self._all(BudgetCode, path, {})

    async def tax_codes(self) -> list[TaxCode]:
        """List the company's tax codes."""
        return await self._all(TaxCode, "/rest/v1.0/tax_codes", {"company_id": self._company_id})

    async def list_commitments(self, project_id: int) -> list[Commitment]:
        """List a project's commitments of both kinds: number, title and vendor, without their type."""
        return await self._all(Commitment, "/rest/v1.0/commitments", {"project_id": project_id})

    async def commitment(self, project_id: int, commitment_id: int) -> Commitment:
        """Read one commitment of either kind."""
        return await self._one(
            Commitment, f"/rest/v1.0/commitments/{commitment_id}", {"project_id": project_id}
        )

    async def list_requisitions(
        self, project_id: int, view: RequisitionView = "extended", updated_since: date | None = None
    ) -> AsyncIterator[Page[Requisition]]:
        """Yield the project's invoices of every status, page by page.

        ``updated_since`` is a whole day in UTC, because it is not known that every edit moves
        ``updated_at``: keep an overlap of days. Rows may repeat when the list changes while it is read.
        """
        params: dict[str, str | int] = {"project_id": project_id, "view": view}
        if updated_since is not None:
            until = utc_now().date() + _CLOCKS_APART
            params["filters[updated_at]"] = f"{updated_since}T00:00:00Z...{until}T00:00:00Z"
        async for rows in pages(self._http, _REQUISITIONS, params):
            yield read_page(Requisition, rows)

    async def requisition(
        self, project_id: int, requisition_id: int, view: RequisitionView = "extended"
    ) -> Requisition:
        """Read one invoice with its lines."""
        params: dict[str, str | int] = {"project_id": project_id, "view": view}
        return await self._one(Requisition, f"{_REQUISITIONS}/{requisition_id}", params)

    async def contract_payments(self, project_id: int, commitment_id: int) -> list[ContractPayment]:
        """List all payments of a commitment, ours and others'; `Refused` rather than a list with holes."""
        return await self._all(ContractPayment, _PAYMENTS, _of(project_id, commitment_id))

    async def contract_payment(self, project_id: int, commitment_id: int, payment_id: int) -> ContractPayment:
        """Read one payment back after a write: unknown members are ignored with 200."""
        return await self._one(ContractPayment, f"{_PAYMENTS}/{payment_id}", _of(project_id, commitment_id))

    async def create_contract_payment(
        self, project_id: int, commitment_id: int, draft: ContractPaymentDraft
    ) -> Outcome[ContractPayment]:
        """Create a payment. There is no idempotency key: list before the first call and after any doubt."""
        return await self._write_payment("POST", _PAYMENTS, _of(project_id, commitment_id), draft)

    async def update_contract_payment(
        self, project_id: int, commitment_id: int, payment_id: int, change: ContractPaymentChange
    ) -> Outcome[ContractPayment]:
        """Change a payment of ours; Procore rejects it (422) while an ``origin_id`` locks it."""
        target = _of(project_id, commitment_id)
        return await self._write_payment("PATCH", f"{_PAYMENTS}/{payment_id}", target, change)

    async def delete_contract_payment(
        self, project_id: int, commitment_id: int, payment_id: int
    ) -> Outcome[None]:
        """Delete a payment of ours; a `Rejected` with status 404 means already gone, or invisible."""
        params = _of(project_id, commitment_id)
        outcome = await self._http.write("DELETE", f"{_PAYMENTS}/{payment_id}", params=params)
        return Ok(None) if isinstance(outcome, Ok) else outcome

    async def _write_payment(
        self, method: str, path: str, target: dict[str, int], change: ContractPaymentChange
    ) -> Outcome[ContractPayment]:
        body = {**target, "contract_payment": change.body()}
        outcome = await self._http.write(method, path, params={}, body=body)
        if not isinstance(outcome, Ok):
            return outcome
        try:
            return Ok(ContractPayment.read(outcome.value))
        except (ValidationError, TypeError):
            return Ambiguous("Procore accepted the payment but its answer cannot be read.")

    async def _one[R: Record](self, kind: type[R], path: str, params: Params) -> R:
        answer = await self._http.get(path, params)
        try:
            return kind.read(decoded(answer, path))
        except (ValidationError, TypeError) as error:
            raise unreadable(path) from error

    async def _all[R: Record](self, kind: type[R], path: str, params: Params) -> list[R]:
        """All records, each once: a list that changes while it is read shows some of them again."""
        records: dict[int, R] = {}
        async for rows in pages(self._http, path, params):
            page = read_page(kind, rows)
            if page.unreadable:
                raise unreadable(path)
            records |= {record.id: record for record in page.rows}
        return list(records.values())


def _of(project_id: int, commitment_id: int) -> dict[str, Any]:
    return {"project_id": project_id, "contract_id": commitment_id}
