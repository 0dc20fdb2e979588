"""API keys of machines: create, rotate, revoke. Operators only."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, BeforeValidator, Field

from drawbridge.contracts.values import VaultId, whole
from drawbridge.gateway.domain.caller import Role
from drawbridge.gateway.entrypoints.http.asking import OperatorOf, ToolsOf
from drawbridge.gateway.entrypoints.http.bodies import Body, Moment
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.manage_keys import (
    IssuedKey,
    NewKey,
    ShownKey,
    create_key,
    revoke_key,
    rotate_key,
    show_key,
    show_keys,
)

router = APIRouter(prefix="/v1/keys", tags=["API keys"])

_LONGEST_GRACE = 7 * 24 * 3600

type KeyPath = Annotated[str, Path(description="the key's id", pattern=r"^[0-9a-f]{16}$")]


class KeyBody(Body):
    """What the key is for and what it may do. Give it the least that serves."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", examples=["erp-pull"])
    operator: bool = False
    roles: dict[VaultId, Role] = Field(
        default_factory=dict,
        max_length=1000,
        description="role in each vault",
        examples=[{"main": "viewer"}],
        json_schema_extra={"additionalProperties": False},
    )
    expires_at: Moment | None = Field(default=None, examples=["2099-12-31T00:00:00Z"])


class RotateBody(Body):
    """How long the old secret is taken beside the new one."""

    grace_seconds: Annotated[int, Field(ge=0, le=_LONGEST_GRACE), BeforeValidator(whole)] = 0


class KeyList(BaseModel):
    """All keys."""

    items: list[ShownKey]


class IssuedKeyView(ShownKey):
    """The key with its secret. It is shown this once: a lost one is rotated."""

    key: str = Field(description="send it as `Authorization: Bearer …`")

    @classmethod
    def of(cls, issued: IssuedKey) -> "IssuedKeyView":
        """The key as its owner gets it."""
        return cls(**dict(issued.shown), key=issued.key.text)


@router.get("", summary="List API keys", responses=declared())
async def list_keys(tools: ToolsOf, _asking: OperatorOf) -> KeyList:
    """All keys with last use, expiry and revocation, the newest first; no secrets."""
    return KeyList(items=await show_keys(tools))


@router.post("", summary="Create an API key", status_code=201, responses=declared(409))
async def post_key(tools: ToolsOf, asking: OperatorOf, body: KeyBody) -> IssuedKeyView:
    """Make a key for a machine. Its caller is named ``key:<name>`` in audit and history."""
    new = NewKey(body.name, body.operator, body.roles, body.expires_at)
    return IssuedKeyView.of(await create_key(tools, asking, new))


@router.get("/{key_id}", summary="Show an API key", responses=declared(404))
async def get_key(tools: ToolsOf, _asking: OperatorOf, key_id: KeyPath) -> ShownKey:
    """One key without its secret."""
    return await show_key(tools, key_id)


@router.post("/{key_id}/rotate", summary="Rotate an API key", responses=declared(404, 409))
async def post_rotate(
    tools: ToolsOf, asking: OperatorOf, key_id: KeyPath, body: RotateBody | None = None
) -> IssuedKeyView:
    """Give it a new secret; the old one is taken for ``grace_seconds`` more."""
    grace = timedelta(seconds=body.grace_seconds if body else 0)
    return IssuedKeyView.of(await rotate_key(tools, asking, key_id, grace))


@router.post("/{key_id}/revoke", summary="Revoke an API key", responses=declared(404))
async def post_revoke(tools: ToolsOf, asking: OperatorOf, key_id: KeyPath) -> ShownKey:
    """End it at once and for ever."""
    return await revoke_key(tools, asking, key_id)
