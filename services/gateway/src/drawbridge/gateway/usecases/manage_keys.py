"""Make, rotate and revoke the API keys of machines; each secret is shown once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from drawbridge.contracts.errors import Refused
from drawbridge.contracts.values import Timestamp, Value
from drawbridge.gateway.domain.api_key import ApiKey
from drawbridge.gateway.domain.caller import Role
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.store.api_keys import add_key, change_key, find_key, list_keys, lock_key, no_key
from drawbridge.gateway.store.identity_tables import ApiKeyRow
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.tools import Asking, Tools


class ShownKey(Value):
    """A key as operators see it: all but its secret. ``last_used_at`` is exact to the minute."""

    id: str
    name: str
    operator: bool
    roles: dict[str, Role]
    created_at: Timestamp
    created_by: str
    rotated_at: Timestamp | None
    previous_until: Timestamp | None
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    revoked_by: str | None
    last_used_at: Timestamp | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a new key may do."""

    name: str
    operator: bool
    roles: Mapping[str, Role]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key with its secret, which is shown this once."""

    shown: ShownKey
    key: ApiKey


async def create_key(tools: Tools, asking: Asking, new: NewKey) -> IssuedKey:
    """Make a key.

    Raises:
        Invalid: when it would have expired already.
        Refused: ``key_name_taken``; names stay taken, because the audit trail names callers by them.
    """
    key = ApiKey.fresh()
    async with tools.database.transaction() as tx:
        if new.expires_at is not None and new.expires_at <= tx.now:
            raise Invalid("already_expired", "expires_at is in the past.", "Give a time in the future.")
        row = ApiKeyRow(
            id=key.id,
            name=new.name,
            secret_hash=key.hash,
            operator=new.operator,
            roles=dict(new.roles),
            created_at=tx.now,
            created_by=asking.caller.name,
            expires_at=new.expires_at,
        )
        if not await add_key(tx.session, row):
            raise Refused("key_name_taken", f"There is a key {new.name!r} already.", "Choose another name.")
        detail = {"name": new.name, "operator": new.operator, "roles": dict(new.roles)}
        await record(tx, asking, "create_key", f"key/{key.id}", vault_id=None, **detail)
    return IssuedKey(_shown(row), key)


async def rotate_key(tools: Tools, asking: Asking, key_id: str, grace: timedelta) -> IssuedKey:
    """Give a key a new secret; the one before is taken for as long as ``grace``.

    Raises:
        NotFound: when there is none of that id.
        Refused: ``key_revoked``.
    """
    key = ApiKey.fresh(key_id)
    async with tools.database.transaction() as tx:
        row = await lock_key(tx.session, key_id)
        if row.revoked_at is not None:
            raise Refused("key_revoked", f"The key {row.name!r} was revoked.", "Make a new one.")
        changes = {
            "secret_hash": key.hash,
            "previous_hash": row.secret_hash if grace else None,
            "previous_until": tx.now + grace if grace else None,
            "rotated_at": tx.now,
        }
        await change_key(tx.session, key_id, changes)
        await record(
            tx, asking, "rotate_key", f"key/{key_id}", vault_id=None, grace_seconds=grace.total_seconds()
        )
        await tx.session.refresh(row)
    return IssuedKey(_shown(row), key)


async def revoke_key(tools: Tools, asking: Asking, key_id: str) -> ShownKey:
    """End a key at once and for ever; a revoked one stays as it is.

    Raises:
        NotFound: when there is none of that id.
    """
    async with tools.database.transaction() as tx:
        row = await lock_key(tx.session, key_id)
        if row.revoked_at is None:
            changes = {"revoked_at": tx.now, "revoked_by": asking.caller.name, "previous_hash": None}
            await change_key(tx.session, key_id, changes)
            await record(tx, asking, "revoke_key", f"key/{key_id}", vault_id=None)
            await tx.session.refresh(row)
    return _shown(row)


async def show_keys(tools: Tools) -> list[ShownKey]:
    """All keys, revoked ones too, the newest first."""
    async with tools.database.reading() as session:
        return [_shown(row) for row in await list_keys(session)]


async def show_key(tools: Tools, key_id: str) -> ShownKey:
    """One key.

    Raises:
        NotFound: when there is none of that id.
    """
    async with tools.database.reading() as session:
        row = await find_key(session, key_id)
    if row is None:
        raise no_key(key_id)
    return _shown(row)


def _shown(row: ApiKeyRow) -> ShownKey:
    return ShownKey.model_validate({name: getattr(row, name) for name in ShownKey.model_fields})
