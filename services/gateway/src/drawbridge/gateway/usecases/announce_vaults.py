"""Tell all services every vault's settings again: at start and hourly, so that nobody stays without."""

from drawbridge.contracts import Cause
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import VaultSettingsState
from drawbridge.gateway.store.vaults import all_vaults
from drawbridge.persistence import Database


async def announce_vaults(database: Database) -> None:
    """Re-emit each vault's settings with its unchanged version, so that it is no new history either."""
    async with database.transaction() as tx:
        for vault in await all_vaults(tx.session):
            change = Change(what="settings_changed", at=vault.updated_at, by=vault.updated_by)
            tx.send(
                VaultSettingsState(
                    version=vault.version, change=change, vault_id=vault.id, settings=vault.settings
                ),
                cause=Cause.new(),
            )
