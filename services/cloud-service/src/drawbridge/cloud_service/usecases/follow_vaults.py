"""Take over vault settings from the gateway, and say that they were understood."""

from collections.abc import Mapping, Sequence

from drawbridge.cloud_service.store.procore_invoices import importable_since
from drawbridge.cloud_service.store.vaults import save_settings
from drawbridge.cloud_service.usecases.automate import automate
from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.vaults import VaultProblemsReported, VaultSettingsState
from drawbridge.persistence import Transaction

SERVICE = "cloud-service"


async def follow_vaults(
    tx: Transaction, received: Sequence[tuple[VaultSettingsState, Envelope]], *, epoch: int
) -> None:
    """Store the newest settings of each vault, answer each message, and automate what waited for them.

    A row may be known before its vault's settings are; automation looks at those rows now.
    """
    newest: dict[str, tuple[VaultSettingsState, Cause]] = {}
    for state, envelope in received:
        cause = Cause.of(envelope)
        if state.vault_id not in newest or newest[state.vault_id][0].version < state.version:
            newest[state.vault_id] = state, cause
        _answer(tx, state, cause)
    changed = await save_settings(tx, [(state, envelope.time) for state, envelope in received])
    await _automate_known_rows(tx, {vault_id: newest[vault_id] for vault_id in changed}, epoch=epoch)


async def _automate_known_rows(
    tx: Transaction, vaults: Mapping[str, tuple[VaultSettingsState, Cause]], *, epoch: int
) -> None:
    for vault_id, (state, cause) in sorted(vaults.items()):
        if state.settings.automated_import != "none":
            rows = await importable_since(tx, vault_id, state.settings.automated_import_since)
            await automate(tx, rows, dict.fromkeys(rows, cause), epoch=epoch)


def _answer(tx: Transaction, state: VaultSettingsState, cause: Cause) -> None:
    """This service resolves no secret and reads nothing outside, so it finds no problem."""
    report = VaultProblemsReported(
        vault_id=state.vault_id, service=SERVICE, settings_version=state.version, problems=()
    )
    tx.send(report, cause=cause)
