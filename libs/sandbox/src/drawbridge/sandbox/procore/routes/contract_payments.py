"""Contract payments: no search, no idempotency key, no sync; unknown members are ignored."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from drawbridge.sandbox.procore.invoices.contract import Contract
from drawbridge.sandbox.procore.payments import change_payment, create_payment, delete_payment
from drawbridge.sandbox.procore.problems import declared, not_found
from drawbridge.sandbox.procore.queries import Double, page, read_id, required_id
from drawbridge.sandbox.procore.routes.commitments import contract_of
from drawbridge.sandbox.procore.security import Caller
from drawbridge.sandbox.procore.state import PaymentRow, Procore
from drawbridge.sandbox.procore.values import Record

router = APIRouter(prefix="/rest/v1.0/contract_payments")


@router.get("")
async def list_payments(request: Request, procore: Double) -> JSONResponse:
    """The payments of one contract, page by page; there is no other filter."""
    contract = _queried(request, procore)
    return page(request, (row.public for row in procore.payments_of(contract.id)))


@router.get("/{payment_id}")
async def show_payment(payment_id: int, request: Request, procore: Double) -> Record:
    """One payment."""
    return _payment(procore, _queried(request, procore), payment_id).public


@router.post("", status_code=201)
async def issue(request: Request, procore: Double, client: Caller) -> Record:
    """Issue a payment. Sent twice it is issued twice."""
    contract, sent = await _written(request, procore)
    return create_payment(procore, contract.id, sent, created_by=client).public


@router.patch("/{payment_id}")
async def change(payment_id: int, request: Request, procore: Double) -> Record:
    """Change a payment, unless an ``origin_id`` has locked it."""
    contract, sent = await _written(request, procore)
    row = _payment(procore, contract, payment_id)
    change_payment(procore, row, sent)
    return row.public


@router.delete("/{payment_id}")
async def delete(payment_id: int, request: Request, procore: Double) -> Response:
    """Remove a payment, unless an ``origin_id`` has locked it. The answer has no body."""
    delete_payment(procore, _payment(procore, _queried(request, procore), payment_id))
    return Response(status_code=200)


def _queried(request: Request, procore: Procore) -> Contract:
    return contract_of(procore, required_id(request, "project_id"), required_id(request, "contract_id"))


def _payment(procore: Procore, contract: Contract, payment_id: int) -> PaymentRow:
    row = procore.payments.get(payment_id)
    if row is None or row.public["contract_id"] != contract.id:
        raise not_found("ContractPayment")
    return row


async def _written(request: Request, procore: Procore) -> tuple[Contract, dict[str, Any]]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise declared(400, "The request body is not a JSON object", reason="bad_request")
    contract = contract_of(
        procore,
        read_id(body.get("project_id"), "project_id"),
        read_id(body.get("contract_id"), "contract_id"),
    )
    sent = body.get("contract_payment")
    if not isinstance(sent, dict) or not sent:
        raise declared(400, "param is missing or the value is empty: contract_payment")
    return contract, sent
