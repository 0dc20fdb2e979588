"""Give people roles, and take them back: in a vault by its admins, on the whole instance by operators."""

from drawbridge.gateway.domain.caller import OPERATOR, Role
from drawbridge.gateway.domain.refusals import NotFound
from drawbridge.gateway.store.grants import INSTANCE, Grant, drop_grant, grants_in, put_grant
from drawbridge.gateway.store.identity_tables import GrantRow
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Transaction


async def show_grants(tools: Tools, vault_id: str) -> list[Grant]:
    """All grants in a vault.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        return await grants_in(session, vault_id)


async def grant(tools: Tools, asking: Asking, vault_id: str, subject: str, role: Role) -> Grant:
    """Give a role in a vault, in place of another one there.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        return await _give(tx, asking, vault_id, subject, role)


async def withdraw_grant(tools: Tools, asking: Asking, vault_id: str, subject: str) -> None:
    """Take back whatever was granted in a vault; what the person's token claims stays.

    Raises:
        NotFound: when there is no such vault or grant.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        await _take(tx, asking, vault_id, subject)


async def show_operators(tools: Tools) -> list[Grant]:
    """Who is an operator by a grant; those by key or claim are not listed."""
    async with tools.database.reading() as session:
        return await grants_in(session, INSTANCE)


async def make_operator(tools: Tools, asking: Asking, subject: str) -> Grant:
    """Let somebody do everything on this instance."""
    async with tools.database.transaction() as tx:
        return await _give(tx, asking, INSTANCE, subject, OPERATOR)


async def withdraw_operator(tools: Tools, asking: Asking, subject: str) -> None:
    """Let somebody no longer be an operator.

    Raises:
        NotFound: when there is no such grant.
    """
    async with tools.database.transaction() as tx:
        await _take(tx, asking, INSTANCE, subject)


async def _give(tx: Transaction, asking: Asking, vault_id: str, subject: str, role: str) -> Grant:
    row = GrantRow(
        subject=subject, vault_id=vault_id, role=role, granted_at=tx.now, granted_by=asking.caller.name
    )
    given = await put_grant(tx.session, row)
    await record(tx, asking, "grant", f"grant/{vault_id}/{subject}", vault_id=_named(vault_id), role=role)
    return given


async def _take(tx: Transaction, asking: Asking, vault_id: str, subject: str) -> None:
    if not await drop_grant(tx.session, subject, vault_id):
        raise NotFound("grant_not_found", f"Nothing was granted to {subject!r} here.", "List the grants.")
    await record(tx, asking, "withdraw_grant", f"grant/{vault_id}/{subject}", vault_id=_named(vault_id))


def _named(vault_id: str) -> str | None:
    return None if vault_id == INSTANCE else vault_id
