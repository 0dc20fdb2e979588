"""Grants: roles that are given to people here, beside what their tokens claim."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints

from drawbridge.gateway.domain.caller import Role
from drawbridge.gateway.entrypoints.http.asking import AdminOf, OperatorOf, ToolsOf, VaultPath
from drawbridge.gateway.entrypoints.http.bodies import Body
from drawbridge.gateway.entrypoints.http.idempotency import AdminOnce, OperatorOnce
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.store.grants import Grant
from drawbridge.gateway.usecases.manage_grants import (
    grant,
    make_operator,
    show_grants,
    show_operators,
    withdraw_grant,
    withdraw_operator,
)

router = APIRouter(tags=["grants"])

type Subject = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A person, as their token names them."""


class SubjectBody(Body):
    """Whom it is about, as their token names them."""

    subject: Subject


class GrantBody(SubjectBody):
    """Who gets which role."""

    role: Role


class GrantList(BaseModel):
    """Who has what, by subject."""

    items: list[Grant]


@router.get("/v1/vaults/{vault_id}/grants", summary="List a vault's grants", responses=declared(404))
async def list_grants(tools: ToolsOf, _asking: AdminOf, vault_id: VaultPath) -> GrantList:
    """Roles that were given here; those that tokens claim are not listed."""
    return GrantList(items=await show_grants(tools, vault_id))


@router.post("/v1/vaults/{vault_id}/grants", summary="Grant a role", responses=declared(404, 409))
async def post_grant(tools: ToolsOf, asking: AdminOnce, vault_id: VaultPath, body: GrantBody) -> Grant:
    """Give a person a role in the vault, in place of another one that was granted there."""
    return await grant(tools, asking, vault_id, body.subject, body.role)


@router.post(
    "/v1/vaults/{vault_id}/grants/withdraw",
    summary="Withdraw a grant",
    status_code=204,
    responses=declared(404, 409),
)
async def post_withdraw(tools: ToolsOf, asking: AdminOnce, vault_id: VaultPath, body: SubjectBody) -> None:
    """Take the role back; what the person's token claims stays."""
    await withdraw_grant(tools, asking, vault_id, body.subject)


@router.get("/v1/operators", summary="List operators", responses=declared())
async def list_operators(tools: ToolsOf, _asking: OperatorOf) -> GrantList:
    """Operators by a grant; those by key or claim are not listed."""
    return GrantList(items=await show_operators(tools))


@router.post("/v1/operators", summary="Make an operator", responses=declared(409))
async def post_operator(tools: ToolsOf, asking: OperatorOnce, body: SubjectBody) -> Grant:
    """Let a person do everything on this instance."""
    return await make_operator(tools, asking, body.subject)


@router.post(
    "/v1/operators/withdraw", summary="Withdraw an operator", status_code=204, responses=declared(404, 409)
)
async def post_withdraw_operator(tools: ToolsOf, asking: OperatorOnce, body: SubjectBody) -> None:
    """Let a person no longer be an operator."""
    await withdraw_operator(tools, asking, body.subject)
