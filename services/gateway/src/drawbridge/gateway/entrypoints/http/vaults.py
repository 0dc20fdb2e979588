"""Vaults: settings, what services found in them, and whether payments flow."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from drawbridge.contracts.values import Timestamp, Waiting
from drawbridge.contracts.vaults import VaultChoices, VaultSettings
from drawbridge.gateway.domain.payments_flow import PaymentsFlow
from drawbridge.gateway.entrypoints.http.asking import (
    AdminOf,
    CallerOf,
    ConditionOf,
    RequiredVersion,
    ToolsOf,
    VaultPath,
    ViewerOf,
)
from drawbridge.gateway.entrypoints.http.idempotency import AdminOnce
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.entrypoints.http.vault_patch import VaultPatch
from drawbridge.gateway.store.vaults import FoundProblems
from drawbridge.gateway.usecases.put_vault import PutVault, patch_vault, put_vault
from drawbridge.gateway.usecases.show_vault import ShownVault, show_vault, show_vaults

router = APIRouter(prefix="/v1/vaults", tags=["vaults"])


class VaultView(BaseModel):
    """A vault. ``problems`` has an entry for each service that has taken over this version.

    ``waiting`` says until when reading of its projects waits for Procore, such as for its limit.
    """

    id: str
    version: int
    settings: VaultSettings
    problems: list[FoundProblems]
    payments_flow: PaymentsFlow
    waiting: Waiting | None
    updated_at: Timestamp
    updated_by: str


class VaultList(BaseModel):
    """All vaults that the caller may see."""

    items: list[VaultView]


_CREATED: dict[int | str, dict[str, Any]] = {201: {"model": VaultView, "description": "It was created."}}


@router.get("", summary="List vaults", responses=declared())
async def list_vaults(tools: ToolsOf, asking: CallerOf) -> VaultList:
    """All vaults that the caller may see, by id."""
    return VaultList(items=[_view(shown) for shown in await show_vaults(tools, asking)])


@router.get("/{vault_id}", summary="Show a vault", responses=declared(404))
async def get_vault(tools: ToolsOf, _asking: ViewerOf, vault_id: VaultPath, response: Response) -> VaultView:
    """One vault; ``ETag`` is its version."""
    view = _view(await show_vault(tools, vault_id))
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.put(
    "/{vault_id}", summary="Create or change a vault", responses=_CREATED | declared(404, 409, 412, 428)
)
async def put_vault_of(  # noqa: PLR0913  # one for each part of the request
    tools: ToolsOf,
    asking: AdminOf,
    vault_id: VaultPath,
    choices: VaultChoices,
    response: Response,
    condition: ConditionOf,
    managed_by: Annotated[
        Literal["file", "api"] | None, Query(description="who manages the vault; overrides the body")
    ] = None,
    *,
    dry_run: Annotated[bool, Query(description="only check, store nothing")] = False,
) -> VaultView:
    """Store the settings as the next version and tell all services; equal settings change nothing.

    Only operators create vaults. ``If-Match`` is needed to change one that exists.
    """
    if managed_by is not None:
        choices = choices.model_copy(update={"managed_by": managed_by})
    change = PutVault(vault_id, choices, condition.version, dry_run=dry_run, blind=not condition.given)
    done = await put_vault(tools, asking, change)
    if dry_run:
        flow = PaymentsFlow(status="off", reason="Only checked, nothing stored.")
        return _view(ShownVault(done.vault, [], flow))
    response.status_code = 201 if done.created else 200
    return await get_vault(tools, asking, vault_id, response)


@router.patch("/{vault_id}", summary="Change some settings", responses=declared(404, 409, 412, 428))
async def patch_vault_of(
    tools: ToolsOf,
    asking: AdminOf,
    vault_id: VaultPath,
    body: VaultPatch,
    response: Response,
    expected_version: RequiredVersion,
) -> VaultView:
    """Change only the named settings. A vault that is managed by a file answers 409 and says so."""
    changes = body.model_dump(exclude_unset=True)
    await patch_vault(tools, asking, vault_id, changes, expected_version)
    return await get_vault(tools, asking, vault_id, response)


@router.post("/{vault_id}/deactivate", summary="Deactivate a vault", responses=declared(404, 409, 412))
async def deactivate_vault(
    tools: ToolsOf, asking: AdminOnce, vault_id: VaultPath, response: Response
) -> VaultView:
    """Nothing is read, imported or paid for it any more; all that it has stays; PATCH `active` undoes it."""
    await patch_vault(tools, asking, vault_id, {"active": False}, None)
    return await get_vault(tools, asking, vault_id, response)


def _view(shown: ShownVault) -> VaultView:
    return VaultView(
        **dict(shown.vault),
        problems=shown.problems,
        payments_flow=shown.payments_flow,
        waiting=shown.waiting,
    )
