"""Who the caller is here."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from drawbridge.gateway.domain.caller import Role
from drawbridge.gateway.entrypoints.http.asking import CallerOf, ToolsOf
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.show_me import show_my_vaults

router = APIRouter(prefix="/v1/me", tags=["me"])


class MyVaultView(BaseModel):
    """A vault that the caller may see."""

    id: str
    name: str
    active: bool
    role: Role


class MeView(BaseModel):
    """The caller's name in audit and history, and the vaults with the role in each."""

    name: str = Field(examples=["anna@example.com"])
    operator: bool
    vaults: list[MyVaultView]


@router.get("", summary="Show who I am", responses=declared())
async def get_me(tools: ToolsOf, asking: CallerOf) -> MeView:
    """The caller, and every vault that the caller sees; an operator is admin in all."""
    vaults = [
        MyVaultView(
            id=mine.vault.id,
            name=mine.vault.settings.name,
            active=mine.vault.settings.active,
            role=mine.role,
        )
        for mine in await show_my_vaults(tools, asking)
    ]
    return MeView(name=asking.caller.name, operator=asking.caller.operator, vaults=vaults)
