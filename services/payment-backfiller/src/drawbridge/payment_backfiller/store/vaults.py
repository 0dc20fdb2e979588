"""Vaults: their settings, and the lock that makes a vault's payment changes follow each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from drawbridge.contracts.values import version_after
from drawbridge.contracts.vaults import VaultSettings, VaultSettingsState
from drawbridge.payment_backfiller.store.tables import VaultRow, core, vaults
from drawbridge.persistence.snapshots import Kept, keep

KEPT = Kept("gateway", VaultSettingsState, vaults)


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault's settings in force, and the schema's epoch for the versions that are given out."""

    id: str
    version: int
    settings: VaultSettings
    epoch: int = 0

    def next_version(self, current: int | None) -> int:
        """The version after the current one of a subject that this service owns."""
        return version_after(current, self.epoch)


async def read_vault(session: AsyncSession, vault_id: str) -> Vault | None:
    """The vault, if its settings have arrived."""
    return _vault((await session.execute(_select(vault_id))).one_or_none())


async def all_vaults(session: AsyncSession) -> list[Vault]:
    """Every vault whose settings have arrived, by id."""
    rows = await session.execute(_with_epoch().order_by(col(VaultRow.id)))
    return [_vault_of(row) for row in rows]


async def lock_vault(session: AsyncSession, vault_id: str) -> Vault | None:
    """The vault, locked until the transaction ends; always the first lock that a transaction takes."""
    statement = _select(vault_id).with_for_update(key_share=True, of=VaultRow)
    return _vault((await session.execute(statement)).one_or_none())


async def lock_vaults(session: AsyncSession, vault_ids: Iterable[str]) -> None:
    """Lock several vaults, in one order for everybody; unknown ones are passed over."""
    statement = select(col(VaultRow.id)).where(col(VaultRow.id).in_(sorted(set(vault_ids))))
    await session.execute(statement.order_by(col(VaultRow.id)).with_for_update(key_share=True))


async def upsert_vaults(
    session: AsyncSession, told: Sequence[tuple[VaultSettingsState, datetime]]
) -> list[str]:
    """Store the settings that are newer than what is known; gives the ids of those vaults."""
    rows = [
        {
            "id": state.vault_id,
            "version": state.version,
            "told_at": told_at,
            "snapshot_id": state.snapshot_id,
            "settings": state.settings.model_dump(mode="json"),
        }
        for state, told_at in told
    ]
    return [row.id for row in await keep(session, core, KEPT, rows)]


def _select(vault_id: str) -> Select[tuple[VaultRow, int]]:
    return _with_epoch().where(col(VaultRow.id) == vault_id)


def _with_epoch() -> Select[tuple[VaultRow, int]]:
    return select(VaultRow, core.epoch.c.epoch).join(core.epoch, core.epoch.c.id == 1)


def _vault(found: Any) -> Vault | None:  # noqa: ANN401  # a row of two
    return None if found is None else _vault_of(found)


def _vault_of(found: Any) -> Vault:  # noqa: ANN401  # as above
    row, epoch = found
    return Vault(row.id, row.version, VaultSettings.model_validate(row.settings), epoch)
