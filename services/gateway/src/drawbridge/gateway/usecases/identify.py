"""Find out who asks: by the deployment's key, an API key, or a token of the identity provider."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, cast

from pydantic import SecretStr

from drawbridge.gateway.domain.api_key import ApiKey
from drawbridge.gateway.domain.caller import OPERATOR, Caller, Role
from drawbridge.gateway.domain.claims import KEY_PREFIX, highest
from drawbridge.gateway.domain.refusals import Unauthenticated
from drawbridge.gateway.store.api_keys import USED_EVERY, find_key, note_use
from drawbridge.gateway.store.grants import INSTANCE, grants_to
from drawbridge.gateway.store.identity_tables import ApiKeyRow
from drawbridge.persistence import Database
from drawbridge.runtime import utc_now

_TOKEN_DOTS = 2


class Tokens(Protocol):
    """Verifies tokens of the identity provider."""

    async def bearer(self, token: str) -> Caller:
        """Whom the token names, with the roles that it claims. Raises Unauthenticated."""
        ...


@dataclass(frozen=True, slots=True)
class Identities:
    """Everybody who may ask. Without ``tokens``, only keys are taken."""

    database: Database
    bootstrap_key: SecretStr
    tokens: Tokens | None = None

    async def caller(self, credential: str) -> Caller:
        """The caller behind a bearer credential.

        Raises:
            Unauthenticated: when it is no valid one.
        """
        if hmac.compare_digest(credential.encode(), self.bootstrap_key.get_secret_value().encode()):
            return Caller(OPERATOR, operator=True)
        key = ApiKey.read(credential)
        if key is not None:
            return await self._machine(key)
        if self.tokens is None or credential.count(".") != _TOKEN_DOTS:
            raise Unauthenticated
        return await self._person(await self.tokens.bearer(credential))

    async def _machine(self, key: ApiKey) -> Caller:
        now = utc_now()
        async with self.database.looking() as session:
            row = await find_key(session, key.id)
        if row is None or not key.matches(row.secret_hash, _still(row, now)):
            raise Unauthenticated
        if row.revoked_at is not None:
            raise Unauthenticated("This key was revoked.")
        if row.expires_at is not None and row.expires_at <= now:
            raise Unauthenticated("This key has expired.")
        if row.last_used_at is None or row.last_used_at < now - USED_EVERY:
            async with self.database.transaction() as tx:
                await note_use(tx.session, row.id, now)
        return machine(row)

    async def _person(self, named: Caller) -> Caller:
        async with self.database.looking() as session:
            granted = await grants_to(session, named.name)
        operator = named.operator or INSTANCE in granted
        roles = {vault: role for vault, role in granted.items() if vault != INSTANCE}
        return replace(named, operator=operator, roles=_merged(named.roles, cast("dict[str, Role]", roles)))


def machine(row: ApiKeyRow) -> Caller:
    """The caller that a valid key stands for."""
    return Caller(f"{KEY_PREFIX}{row.name}", operator=row.operator, roles=cast("dict[str, Role]", row.roles))


def _still(row: ApiKeyRow, now: datetime) -> bytes | None:
    """The hash of the secret before the last rotation, while it is still taken."""
    return row.previous_hash if row.previous_until is not None and row.previous_until > now else None


def _merged(claimed: Mapping[str, Role], granted: Mapping[str, Role]) -> dict[str, Role]:
    best = {vault: highest(claimed.get(vault), granted.get(vault)) for vault in {*claimed, *granted}}
    return {vault: role for vault, role in best.items() if role is not None}
