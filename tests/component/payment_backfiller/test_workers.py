"""Two workers, one of them late: one row in the end."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from drawbridge.contracts.envelope import Cause
from drawbridge.payment_backfiller.outside import ProcoreClients
from drawbridge.payment_backfiller.settings import Settings
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.payment_backfiller.usecases.ports import ContractPayments
from drawbridge.payment_backfiller.usecases.recheck import sweep
from drawbridge.payment_backfiller.usecases.send_step import Times
from drawbridge.payment_backfiller.usecases.write_back import WriteBack
from drawbridge.persistence import Database, LeaseLost, WorkItem, check
from drawbridge.procore import ContractPayment, ContractPaymentDraft, Outcome
from tests.factories.core import count
from tests.factories.payment_steps import order, paid_invoice, reaches, run_job, writes
from tests.factories.payments import World
from tests.factories.waiting import becomes, eventually


class _SlowToCreate:
    def __init__(self, client: ContractPayments, paused: "_Paused") -> None:
        self._client = client
        self._paused = paused
        self.contract_payments = client.contract_payments
        self.update_contract_payment = client.update_contract_payment
        self.delete_contract_payment = client.delete_contract_payment

    async def create_contract_payment(
        self, project_id: int, commitment_id: int, draft: ContractPaymentDraft
    ) -> Outcome[ContractPayment]:
        self._paused.reached.set()
        await self._paused.go_on.wait()
        return await self._client.create_contract_payment(project_id, commitment_id, draft)


class _Paused:
    """A worker's Procore whose POST leaves only when it is let go."""

    def __init__(self, clients: ProcoreClients) -> None:
        self._clients = clients
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    def of(self, vault: Vault) -> ContractPayments:
        return _SlowToCreate(self._clients.of(vault), self)


@pytest.fixture
async def late_clients(settings: Settings) -> ProcoreClients:
    return ProcoreClients(settings)


async def _take(database: Database) -> WorkItem:
    """Take the write-back that waits for Procore's limit, before the running worker is due to."""
    row = None
    while row is None:
        async with database.transaction() as tx:
            found = await tx.session.execute(
                text(
                    "UPDATE work_items SET lease_token = gen_random_uuid(),"
                    " leased_until = now() + interval '60 s'"
                    " WHERE kind = 'write_back' AND next_attempt_at > now() AND lease_token IS NULL"
                    " RETURNING *"
                )
            )
            row = found.mappings().one_or_none()
    return WorkItem(
        id=row["id"],
        kind=row["kind"],
        subject=row["subject"],
        vault_id=row["vault_id"],
        payload=row["payload"],
        cause=Cause.new(),
        priority=row["priority"],
        attempts=1,
        lease_token=row["lease_token"],
        leased_until=row["leased_until"],
        created_at=row["created_at"],
    )


async def _expire(database: Database, item_id: UUID) -> None:
    async with database.transaction() as tx:
        await tx.session.execute(
            text("UPDATE work_items SET leased_until = now(), next_attempt_at = now() WHERE id = :id"),
            {"id": item_id},
        )
        await tx.session.execute(text("UPDATE allocations SET deadline = now() WHERE deadline IS NOT NULL"))


async def test_a_worker_paused_past_its_lease_leaves_one_row_after_the_recheck(
    world: World, database: Database, late_clients: ProcoreClients
) -> None:
    order(world, "fail", method="GET", status=503, seconds=5)
    await paid_invoice(world)
    await run_job(world)
    await eventually(lambda: not world.procore.faults.pending)
    item = await _take(database)
    paused = _Paused(late_clients)
    times = Times(doubt=timedelta(seconds=1), recheck=timedelta(seconds=2))
    late = asyncio.create_task(WriteBack(database, paused, times).run(item))
    await paused.reached.wait()
    await _expire(database, item.id)
    await reaches(world, "written")
    paused.go_on.set()
    with pytest.raises(LeaseLost):
        await late
    assert len(writes(world, "POST")) == 2
    await eventually(lambda: len(writes(world, "DELETE")) == 1)
    await eventually(lambda: len(world.written()) == 1)
    await late_clients.close()


async def test_the_nightly_sweep_mends_what_somebody_deleted_in_procore(
    world: World, database: Database
) -> None:
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    # The write-back notes that it has listed the commitment after its payments are told.
    await becomes(lambda: count(database, "work_items", "kind = 'write_back'"), 0)
    world.procore.payments.clear()
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE commitments SET listed_at = now() - interval '1 day'"))
    await sweep(database)
    await eventually(lambda: len(world.written()) == 1)


async def test_procores_limit_is_waited_for(world: World) -> None:
    order(world, "fail", method="POST", status=429, seconds=1)
    await paid_invoice(world)
    await run_job(world)
    await reaches(world, "written")
    assert len(writes(world, "POST")) == 2
    assert len(world.written()) == 1


async def test_the_tables_are_what_the_migrations_make(settings: Settings, database: Database) -> None:
    assert database.schema == "payments"
    assert await check(settings.database_url, "drawbridge.payment_backfiller") == []
