"""Take over vault settings, and say what is wrong with them."""

from collections.abc import Sequence

from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.vaults import VaultSettings, VaultSettingsState
from drawbridge.import_service.store.projects import hasten_syncs
from drawbridge.import_service.store.vaults import store_settings
from drawbridge.import_service.usecases.list_projects import listing_work
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.telling import report_problems
from drawbridge.persistence import Transaction
from drawbridge.runtime import resolve_secret


async def store_vault_settings(
    tx: Transaction, received: Sequence[tuple[VaultSettingsState, Envelope]], access: ProcoreAccess
) -> None:
    """Keep the highest versions; answer each message; look for projects where something changed.

    The work comes before the projects' rows, as where it ends (see `ReadSchedule`).
    """
    told = [(state, envelope.time) for state, envelope in received]
    changed = await store_settings(tx.session, told, tx.now)
    causes = {state.vault_id: Cause.of(envelope) for state, envelope in received if state.settings.active}
    works = [
        listing_work(vault_id, causes[vault_id], again=True) for vault_id in sorted(changed & causes.keys())
    ]
    if works:
        await tx.add_work(*works)
    await hasten_syncs(tx.session, changed, tx.now)
    for state, envelope in received:
        problems = _problems(state.settings, access)
        report_problems(tx, state.vault_id, state.version, problems, Cause.of(envelope))


def _problems(settings: VaultSettings, access: ProcoreAccess) -> tuple[Problem, ...]:
    """Try the references, and nothing outside."""
    try:
        access.of(settings)
        if settings.procore.webhook_authorization is not None:
            resolve_secret(settings.procore.webhook_authorization)
    except Refused as error:
        return (error.problem,)
    return ()
