"""Take a webhook of Procore in: prove that it is Procore's, then only pass the hint on.

Procore waits for five seconds and pauses a hook whose answers are not 2xx, for all events behind it too. So
whatever is proved to come from Procore is answered with 2xx, also what we can do nothing with.
"""

import hmac
from secrets import token_urlsafe
from typing import Literal

from drawbridge.contracts import Cause, Refused
from drawbridge.contracts.procore_changes import FollowChange
from drawbridge.gateway.domain.procore_payload import ProcoreEvent, read_payload
from drawbridge.gateway.domain.refusals import Unauthenticated
from drawbridge.gateway.store.vaults import Vault, find_vault
from drawbridge.gateway.usecases.tools import Tools
from drawbridge.persistence import Claim, claim
from drawbridge.runtime import get_logger, resolve_secret

type Received = Literal["accepted", "repeated", "ignored"]

_log = get_logger(__name__)


async def hooked_vault(tools: Tools, hook: str, authorization: str) -> Vault:
    """The vault of a hook, for the value of ``Authorization`` that Procore was given for it.

    Compared in constant time, and unknown hooks are told apart from known ones by nothing.

    Raises:
        Unauthenticated: for any other value, and for a hook that there is not.
    """
    async with tools.database.reading() as session:
        vault = await find_vault(session, hook)
    expected = _expected(vault) or token_urlsafe()
    if not hmac.compare_digest(authorization.encode(), expected.encode()) or vault is None:
        raise Unauthenticated("This is not the authorization that Procore was given for a hook here.")
    return vault


async def receive_webhook(tools: Tools, vault: Vault, body: bytes, cause: Cause) -> Received:
    """Pass the hint on to import-service, once for each event, however often Procore delivers it."""
    event = read_payload(body)
    if event is None or not vault.settings.active or event.company_id != vault.settings.procore.company_id:
        _log.warning("webhook.ignored", vault_id=vault.id, readable=event is not None)
        return "ignored"
    async with tools.database.transaction() as tx:
        key = f"webhook/{vault.id}/{event.id}"
        if key not in (await claim(tools.database, tx, [Claim(key)])).new:
            return "repeated"
        tx.send(_hint(vault, event), cause=cause)
    return "accepted"


def _expected(vault: Vault | None) -> str | None:
    reference = vault.settings.procore.webhook_authorization if vault else None
    if vault is None or reference is None:
        return None
    try:
        return resolve_secret(reference).get_secret_value()
    except Refused as error:
        _log.error("webhook.no_secret", vault_id=vault.id, problem=error.problem.message)
        return None


def _hint(vault: Vault, event: ProcoreEvent) -> FollowChange:
    return FollowChange(
        vault_id=vault.id,
        event_id=event.id,
        resource=event.resource,
        resource_id=event.resource_id,
        project_id=event.project_id,
        reason=event.reason,
        user_id=event.user_id,
        application_id=event.application_id,
        happened_at=event.happened_at,
    )
