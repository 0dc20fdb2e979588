"""The door for Procore's webhooks; it opens to no key of this API but to the value that Procore was given."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Request
from pydantic import BaseModel, Field

from drawbridge.contracts import Cause
from drawbridge.contracts.values import VaultId
from drawbridge.gateway.entrypoints.http.asking import ToolsOf
from drawbridge.gateway.entrypoints.http.problems import declared
from drawbridge.gateway.usecases.receive_webhook import Received, hooked_vault, receive_webhook

router = APIRouter(prefix="/v1/webhooks/procore", tags=["webhooks"])


class WebhookAnswer(BaseModel):
    """What became of one delivery; every one of these is well for Procore."""

    status: Received = Field(
        description="`accepted`; `repeated`: it came before; `ignored`: it is about nothing of this vault"
    )


@router.post("/{hook}", summary="Take a webhook of Procore in", status_code=202, responses=declared(413, 503))
async def take_webhook(
    request: Request,
    tools: ToolsOf,
    hook: Annotated[VaultId, Path(description="the vault's id", examples=["main"])],
    authorization: Annotated[
        str, Header(description="the value of the vault's `procore.webhook_authorization`")
    ] = "",
) -> WebhookAnswer:
    """A hint that something changed in Procore, which is then looked at; the poll would find it too.

    Payloads of the versions 2.0, 3.0 and 4.0 are understood. Nothing here waits for Procore.
    """
    vault = await hooked_vault(tools, hook, authorization)
    cause = Cause(correlation_id=request.state.correlation_id)
    return WebhookAnswer(status=await receive_webhook(tools, vault, await request.body(), cause))
