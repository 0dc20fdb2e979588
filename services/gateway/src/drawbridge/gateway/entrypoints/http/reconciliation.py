"""Paid in the ledger against issued in Procore: per commitment and over the vault, as JSON and as CSV."""

import csv
import io
from collections.abc import Iterable

from fastapi import APIRouter, Response
from pydantic import BaseModel

from drawbridge.contracts.values import Amount
from drawbridge.gateway.domain.reconciliation import ZERO, Balance
from drawbridge.gateway.entrypoints.http.asking import ToolsOf, VaultPath, ViewerOf
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.show_payments import Reconciled, reconcile

router = APIRouter(prefix="/v1/vaults/{vault_id}", tags=["payments"])

_COLUMNS = (
    "project_id",
    "commitment_id",
    "paid",
    "issued",
    "difference",
    "cause",
    "compared_at",
)


class UnmatchedView(BaseModel):
    """Payments that wait for an AP invoice; they belong to no commitment yet."""

    count: int
    cash: Amount


class Totals(BaseModel):
    """Over all commitments of the vault."""

    paid: Amount
    issued: Amount
    difference: Amount


class Reconciliation(BaseModel):
    """Every commitment that has a payment in the ledger or was compared with Procore."""

    items: list[Balance]
    totals: Totals
    unmatched: UnmatchedView


@router.get("/reconciliation", summary="Reconcile ledger and Procore", responses=declared(404))
async def get_reconciliation(tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath) -> Reconciliation:
    """Per commitment: paid in the ledger, issued in Procore, the difference and its causes."""
    found = await reconcile(tools, vault_id)
    return Reconciliation(
        items=found.balances,
        totals=_totals(found),
        unmatched=UnmatchedView(count=found.unmatched.count, cash=found.unmatched.cash),
    )


@router.get(
    "/reconciliation.csv",
    summary="Export the reconciliation",
    response_class=Response,
    responses=declared(404) | {200: {"content": {"text/csv": {}}}},
)
async def export_reconciliation(tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath) -> Response:
    """The same as CSV, one line for each commitment; the last line is what waits unmatched."""
    found = await reconcile(tools, vault_id)
    name = f"reconciliation-{vault_id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


def _csv(found: Reconciled) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for each in found.balances:
        shown = each.model_dump(mode="json")
        writer.writerow([shown[name] for name in _COLUMNS])
    unmatched, waiting = found.unmatched, "payments wait for an AP invoice"
    if unmatched.count:
        writer.writerow(["", "", unmatched.cash, "", unmatched.cash, f"{unmatched.count} {waiting}", ""])
    return text.getvalue()


def _totals(found: Reconciled) -> Totals:
    paid, issued = _sum(each.paid for each in found.balances), _sum(each.issued for each in found.balances)
    return Totals(paid=paid, issued=issued, difference=paid - issued)


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, ZERO)
