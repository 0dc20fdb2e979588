"""Commitments: the thin list of both kinds, and subcontracts and purchase orders by themselves."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from drawbridge.sandbox.procore.commitments import contract_record, list_record, show_record
from drawbridge.sandbox.procore.invoices.contract import Contract
from drawbridge.sandbox.procore.problems import not_found
from drawbridge.sandbox.procore.queries import Double, id_filter, in_range, page, required_id
from drawbridge.sandbox.procore.routes.projects import visible_project
from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.values import Record, stamp

router = APIRouter(prefix="/rest/v1.0")

WORK_ORDER = "WorkOrderContract"
PURCHASE_ORDER = "PurchaseOrderContract"


@router.get("/commitments")
async def list_commitments(request: Request, procore: Double) -> JSONResponse:
    """Both kinds in their thin form: no type, and the vendor's name as ``name``."""
    return page(request, (list_record(contract) for contract in _of_project(request, procore)))


@router.get("/commitments/{commitment_id}")
async def show_commitment(commitment_id: int, request: Request, procore: Double) -> Record:
    """One commitment of either kind, with its payments; the vendor's name is ``company`` here."""
    return show_record(procore, visible_contract(request, procore, commitment_id))


@router.get("/work_order_contracts")
async def list_subcontracts(request: Request, procore: Double) -> JSONResponse:
    """The subcontracts of a project."""
    return _list_kind(request, procore, WORK_ORDER)


@router.get("/work_order_contracts/{commitment_id}")
async def show_subcontract(commitment_id: int, request: Request, procore: Double) -> Record:
    """One subcontract."""
    return _show_kind(request, procore, commitment_id, WORK_ORDER)


@router.get("/purchase_order_contracts")
async def list_purchase_orders(request: Request, procore: Double) -> JSONResponse:
    """The purchase orders of a project."""
    return _list_kind(request, procore, PURCHASE_ORDER)


@router.get("/purchase_order_contracts/{commitment_id}")
async def show_purchase_order(commitment_id: int, request: Request, procore: Double) -> Record:
    """One purchase order."""
    return _show_kind(request, procore, commitment_id, PURCHASE_ORDER)


def visible_contract(request: Request, procore: Procore, commitment_id: int) -> Contract:
    """A commitment of the query's project. Raises ProcoreProblem 400, 403 or 404."""
    project_id = required_id(request, "project_id")
    return contract_of(procore, project_id, commitment_id)


def contract_of(procore: Procore, project_id: int, commitment_id: int) -> Contract:
    """A commitment by project and id. Raises ProcoreProblem 403 or 404 (unknown, private, elsewhere)."""
    project = visible_project(procore, project_id)
    contract = procore.contracts.get(commitment_id)
    if contract is None or commitment_id in procore.hidden or contract.project is not project:
        raise not_found("Contract")
    return contract


def _of_project(request: Request, procore: Procore) -> Iterator[Contract]:
    project = visible_project(procore, required_id(request, "project_id"))
    for contract in procore.contracts.values():
        if contract.project is project and contract.id not in procore.hidden:
            yield contract


def _list_kind(request: Request, procore: Procore, kind: str) -> JSONResponse:
    ids = id_filter(request, "id")
    return page(
        request,
        (
            contract_record(procore, contract)
            for contract in _of_project(request, procore)
            if contract.kind == kind
            and (ids is None or contract.id in ids)
            and in_range(request, "updated_at", stamp(contract.created_at))
        ),
    )


def _show_kind(request: Request, procore: Procore, commitment_id: int, kind: str) -> Record:
    contract = visible_contract(request, procore, commitment_id)
    if contract.kind != kind:
        raise not_found(kind)
    return contract_record(procore, contract)
