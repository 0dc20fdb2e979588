"""Create a vault or change its settings; the gateway is the only writer (design: "Messages")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drawbridge.contracts.values import Change, version_after
from drawbridge.contracts.vaults import VaultChoices, VaultSettingsState
from drawbridge.gateway.domain.live_event import heard
from drawbridge.gateway.domain.refusals import IF_MATCH_MISSING, Outdated, Unconditional
from drawbridge.gateway.domain.vault_rules import (
    Neighbour,
    check_choices,
    check_manager,
    check_neighbours,
    in_force,
    managed_by_file,
)
from drawbridge.gateway.store.events import add_events
from drawbridge.gateway.store.procore_invoices import move_days
from drawbridge.gateway.store.vaults import (
    Vault,
    all_vaults,
    find_vault,
    get_vault,
    invoiced_projects,
    lock_vaults,
    save_vault,
)
from drawbridge.gateway.usecases.record import record
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Transaction, current_epoch


@dataclass(frozen=True, slots=True)
class PutVault:
    """What to do: ``expected_version`` refuses to overwrite a newer one, ``dry_run`` only checks.

    ``blind`` is a change that does not say which version it is of; only a new vault is made so.
    """

    vault_id: str
    choices: VaultChoices
    expected_version: int | None = None
    dry_run: bool = False
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """What was done; settings equal to the stored ones change nothing."""

    vault: Vault
    created: bool
    changed: bool


async def put_vault(tools: Tools, asking: Asking, put: PutVault) -> Put:
    """Check the settings, store them as the next version, and tell all services.

    Raises:
        Refused: for settings that are wrong by themselves or beside the other vaults'.
        Forbidden: when somebody else than an operator would create the vault.
    """
    check_choices(put.choices)
    async with tools.database.transaction() as tx:
        await lock_vaults(tx.session)
        before = await find_vault(tx.session, put.vault_id)
        if before is None:
            asking.caller.require_operator()
        _check_version(put, before)
        await _check(tx, put, before)
        settings = in_force(put.choices, before.settings if before else None, tx.now)
        if before is not None and before.settings == settings:
            return Put(before, created=False, changed=False)
        vault = Vault(
            id=put.vault_id,
            version=version_after(
                before.version if before else None, await current_epoch(tools.database, tx)
            ),
            settings=settings,
            updated_at=tx.now,
            updated_by=asking.caller.name,
        )
        if not put.dry_run:
            await _store(tx, asking, before, vault)
    return Put(vault, created=before is None, changed=True)


async def patch_vault(
    tools: Tools, asking: Asking, vault_id: str, changes: Mapping[str, Any], expected_version: int | None
) -> Put:
    """Change only the named settings of a vault that is managed here.

    Raises:
        NotFound: when there is no such vault.
        Outdated: when the caller has not seen the newest version.
        Refused: ``managed_by_file``, and as `put_vault`.
    """
    async with tools.database.reading() as session:
        before = await get_vault(session, vault_id)
    if before.settings.managed_by == "file":
        raise managed_by_file()
    members = before.settings.model_dump(exclude={"automated_import_since"}) | dict(changes)
    choices = VaultChoices.model_validate(members)
    seen = before.version if expected_version is None else expected_version
    return await put_vault(tools, asking, PutVault(vault_id, choices, seen))


async def _check(tx: Transaction, put: PutVault, before: Vault | None) -> None:
    check_manager(put.choices, before.settings if before else None)
    company = put.choices.procore.company_id
    others = [Neighbour(each.id, each.settings) for each in await all_vaults(tx.session, company)]
    check_neighbours(put.vault_id, put.choices, others, await invoiced_projects(tx.session, company))


async def _store(tx: Transaction, asking: Asking, before: Vault | None, vault: Vault) -> None:
    """The stream's lock comes first: no row is stored meanwhile with its day in the old time zone."""
    state = VaultSettingsState(
        version=vault.version,
        change=Change(
            what="settings_changed" if before else "vault_created", at=tx.now, by=asking.caller.name
        ),
        vault_id=vault.id,
        settings=vault.settings,
    )
    subject = f"vault/{vault.id}"
    await add_events(tx.session, heard([(subject, state.version, state.change)]), tx.now)
    await save_vault(tx.session, vault)
    if before is not None and before.settings.time_zone != vault.settings.time_zone:
        await move_days(tx.session, vault.id, vault.settings.time_zone)
    tx.send(state, cause=asking.cause)
    await record(
        tx,
        asking,
        "put_vault",
        subject,
        vault_id=vault.id,
        version=vault.version,
        changed=_changed(before, vault),
    )


def _changed(before: Vault | None, vault: Vault) -> list[str]:
    """The names of the settings that differ; all of them for a new vault."""
    old = before.settings.model_dump() if before else {}
    return [name for name, value in vault.settings.model_dump().items() if old.get(name, ...) != value]


def _check_version(put: PutVault, before: Vault | None) -> None:
    current = before.version if before else None
    if put.blind and before is not None and not put.dry_run:
        raise Unconditional(*IF_MATCH_MISSING)
    if put.expected_version is not None and put.expected_version != current:
        raise Outdated(
            "outdated",
            f"The vault {put.vault_id!r} was changed in the meantime.",
            "Read it again and repeat the change on its newest version.",
        )
