"""Take over the vaults' settings, say what is wrong with them, and plan their jobs anew."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import get_args

from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.vaults import JobName, VaultProblemsReported, VaultSettingsState
from drawbridge.payment_backfiller.domain.schedule import next_run
from drawbridge.payment_backfiller.store import jobs
from drawbridge.payment_backfiller.store.invoices import all_vendor_keys
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault, upsert_vaults
from drawbridge.payment_backfiller.usecases.match_vendor import match_vendor_work
from drawbridge.payment_backfiller.usecases.ports import Ledgers
from drawbridge.payment_backfiller.usecases.publish_jobs import job_settings, plan_job, publish_job
from drawbridge.payment_backfiller.usecases.retry_by_hand import retry_by_hand
from drawbridge.persistence import Transaction
from drawbridge.runtime import resolve_secret

SERVICE = "payment-backfiller"
_NO_LEDGER = Problem(
    code="no_ledger",
    message="A payment job is enabled, but the vault's settings name no ledger.",
    advice="Name one of the deployment's ledgers.",
)
JOBS: tuple[JobName, ...] = get_args(JobName)


async def store_vaults(
    tx: Transaction, states: Sequence[tuple[VaultSettingsState, Envelope]], ledgers: Ledgers
) -> None:
    """Upsert the highest version of each vault; what is no news changes nothing, but is answered."""
    newest = {
        state.vault_id: (state, Cause.of(envelope))
        for state, envelope in sorted(states, key=lambda each: each[0].version)
    }
    if not newest:
        return
    taken = await upsert_vaults(tx.session, [(state, envelope.time) for state, envelope in states])
    for vault_id in sorted(newest):
        state, cause = newest[vault_id]
        vault = await lock_vault(tx.session, vault_id)
        if vault is None or vault.version != state.version:
            continue
        problems = _problems(vault, ledgers, tx.now)
        answer = VaultProblemsReported(
            vault_id=vault_id, service=SERVICE, settings_version=vault.version, problems=tuple(problems)
        )
        tx.send(answer, cause=cause)
        if vault_id in taken:
            await _plan(tx, vault, cause)


async def _plan(tx: Transaction, vault: Vault, cause: Cause) -> None:
    """New settings may mend anything: jobs are planned anew and refused write-backs tried again."""
    for name in JOBS:
        (await jobs.job(tx.session, vault.id, name)).failing = ""
        await plan_job(tx, vault, name)
        await publish_job(tx, vault, name, "settings_changed", cause)
    await retry_by_hand(tx, vault, cause)
    vendors = await all_vendor_keys(tx.session, vault.id)
    await tx.add_work(*(match_vendor_work(vault.id, vendor, cause) for vendor in vendors))


def _problems(vault: Vault, ledgers: Ledgers, now: datetime) -> list[Problem]:
    """Resolve references and names; nothing outside is tried."""
    problems: list[Problem] = []
    connection = vault.settings.procore
    for reference in (connection.client_id, connection.client_secret):
        with _collect(problems):
            resolve_secret(reference)
    for name in JOBS:
        settings = job_settings(vault, name)
        if settings.enabled:
            with _collect(problems):
                next_run(settings.schedule, vault.settings.time_zone, now)
    if vault.settings.ledger is not None:
        with _collect(problems):
            ledgers.open(vault.settings.ledger)
    elif any(job_settings(vault, name).enabled for name in JOBS):
        problems.append(_NO_LEDGER)
    return problems


@contextmanager
def _collect(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        if refused.problem not in problems:
            problems.append(refused.problem)
