"""Reads and writes of the vaults' settings."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from drawbridge.cloud_service.store.tables import core, vaults
from drawbridge.contracts.vaults import VaultSettings, VaultSettingsState
from drawbridge.persistence import Transaction
from drawbridge.persistence.snapshots import Kept, keep

KEPT = Kept("gateway", VaultSettingsState, vaults)


async def save_settings(tx: Transaction, told: Sequence[tuple[VaultSettingsState, datetime]]) -> set[str]:
    """Store what is newer than what is known; gives the vaults that changed."""
    rows = [
        {
            "vault_id": state.vault_id,
            "version": state.version,
            "told_at": told_at,
            "snapshot_id": state.snapshot_id,
            "settings": state.settings.model_dump(mode="json"),
        }
        for state, told_at in told
    ]
    return {row.vault_id for row in await keep(tx.session, core, KEPT, rows)}


async def settings_of(tx: Transaction, vault_ids: Collection[str]) -> dict[str, VaultSettings]:
    """The settings of those of the vaults that are known."""
    if not vault_ids:
        return {}
    query = select(vaults.c.vault_id, vaults.c.settings).where(vaults.c.vault_id.in_(vault_ids))
    rows = await tx.session.execute(query)
    return {vault_id: VaultSettings.model_validate(settings, extra="ignore") for vault_id, settings in rows}
