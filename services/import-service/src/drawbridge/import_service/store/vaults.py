"""Vaults and their settings."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.vaults import VaultSettings, VaultSettingsState
from drawbridge.import_service.store.tables import core, vaults
from drawbridge.persistence.snapshots import Kept, keep

KEPT = Kept("gateway", VaultSettingsState, vaults)


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault as this service knows it."""

    id: str
    settings: VaultSettings
    version: int


async def store_settings(
    session: AsyncSession, told: Iterable[tuple[VaultSettingsState, datetime]], now: datetime
) -> set[str]:
    """Keep the settings where their version is the highest; gives the vaults that changed."""
    rows = [_row(state, told_at, now) for state, told_at in told]
    return {row.vault_id for row in await keep(session, core, KEPT, rows, local=("next_listing_at",))}


async def find_vault(session: AsyncSession, vault_id: str) -> Vault | None:
    """One vault, if its settings have arrived."""
    row = (await session.execute(select(vaults).where(vaults.c.vault_id == vault_id))).one_or_none()
    return _vault(row) if row else None


async def all_vaults(session: AsyncSession) -> list[Vault]:
    """Every vault whose settings have arrived, by id."""
    rows = await session.execute(select(vaults).order_by(vaults.c.vault_id))
    return [_vault(row) for row in rows]


async def vaults_of_company(session: AsyncSession, company_id: int) -> list[Vault]:
    """All active vaults of a Procore company, by id."""
    query = select(vaults).where(vaults.c.company_id == company_id, vaults.c.active)
    return [_vault(row) for row in await session.execute(query.order_by(vaults.c.vault_id))]


async def due_listings(session: AsyncSession, now: datetime) -> list[str]:
    """Active vaults whose projects are due to be listed."""
    query = select(vaults.c.vault_id).where(vaults.c.active, vaults.c.next_listing_at <= now)
    return list((await session.execute(query.order_by(vaults.c.vault_id))).scalars())


async def plan_next_listings(session: AsyncSession, vault_ids: Collection[str], at: datetime) -> None:
    """Set when the projects of these vaults are listed next."""
    statement = update(vaults).where(vaults.c.vault_id.in_(list(vault_ids)))
    await session.execute(statement.values(next_listing_at=at))


def _vault(row: Row[Any]) -> Vault:
    return Vault(row.vault_id, VaultSettings.model_validate(row.settings, extra="ignore"), row.version)


def _row(state: VaultSettingsState, told_at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "vault_id": state.vault_id,
        "company_id": state.settings.procore.company_id,
        "active": state.settings.active,
        "settings": state.settings.model_dump(mode="json"),
        "version": state.version,
        "told_at": told_at,
        "snapshot_id": state.snapshot_id,
        "next_listing_at": now,
    }
