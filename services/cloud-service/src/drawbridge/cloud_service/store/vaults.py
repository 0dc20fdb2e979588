"""Reads and writes of the vaults' settings."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from drawbridge.cloud_service.store.tables import vaults
from drawbridge.contracts.vaults import VaultSettings, VaultSettingsState
from drawbridge.persistence import Transaction


async def save_settings(tx: Transaction, states: Sequence[VaultSettingsState]) -> set[str]:
    """Store what is newer than what is known, one state for each vault; gives the vaults that changed."""
    if not states:
        return set()
    statement = insert(vaults)
    newer = statement.on_conflict_do_update(
        index_elements=["vault_id"],
        set_={"version": statement.excluded.version, "settings": statement.excluded.settings},
        where=vaults.c.version < statement.excluded.version,
    )
    values = [
        {
            "vault_id": state.vault_id,
            "version": state.version,
            "settings": state.settings.model_dump(mode="json"),
        }
        for state in sorted(states, key=lambda state: state.vault_id)
    ]
    return set((await tx.session.execute(newer.returning(vaults.c.vault_id), values)).scalars())


async def settings_of(tx: Transaction, vault_ids: Collection[str]) -> dict[str, VaultSettings]:
    """The settings of those of the vaults that are known."""
    if not vault_ids:
        return {}
    query = select(vaults.c.vault_id, vaults.c.settings).where(vaults.c.vault_id.in_(vault_ids))
    rows = await tx.session.execute(query)
    return {vault_id: VaultSettings.model_validate(settings, extra="ignore") for vault_id, settings in rows}
