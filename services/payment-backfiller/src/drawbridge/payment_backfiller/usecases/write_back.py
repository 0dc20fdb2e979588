"""Bring one commitment's contract payments in line with the ledger (design: "External writes").

Load what should stand, list what does, plan, and for each step: commit the intent, call Procore, commit the
outcome. Every commit is guarded by the lease; nothing is sent before the listing, or after a doubt without a
new one. What changed meanwhile is seen at the end and worked on in another round.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from drawbridge.contracts.errors import Problem, Retryable, Waiting
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Known
from drawbridge.payment_backfiller.domain.plan import plan
from drawbridge.payment_backfiller.domain.standing import BLOCKED
from drawbridge.payment_backfiller.domain.steps import Create, Delete, Update, Wait
from drawbridge.payment_backfiller.store.allocations import AllocationView, allocations_of_commitment
from drawbridge.payment_backfiller.store.commitments import wanted_count
from drawbridge.payment_backfiller.store.leases import finish
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault, read_vault
from drawbridge.payment_backfiller.usecases import record_steps
from drawbridge.payment_backfiller.usecases.contract_payment import row_of
from drawbridge.payment_backfiller.usecases.ports import Procore
from drawbridge.payment_backfiller.usecases.publish_commitment import publish_commitment
from drawbridge.payment_backfiller.usecases.publish_payments import publish_payments
from drawbridge.payment_backfiller.usecases.send_step import Place, SendStep, Times
from drawbridge.payment_backfiller.usecases.settle_bills import WRITE_BACK
from drawbridge.payment_backfiller.usecases.take_steps import take_steps
from drawbridge.persistence import Database, Transaction, WorkItem
from drawbridge.runtime import failpoints, tracing, utc_now

_AFTER_LIST = failpoints.declare("write_back.after_list")
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class _Target:
    """What should stand on the commitment, as of one moment before listing."""

    vault: Vault
    known: list[Known]
    wanted: int


class WriteBack:
    """Handles the work items of kind ``write_back``: one for each commitment at a time."""

    kind = WRITE_BACK

    def __init__(self, database: Database, procore: Procore, times: Times) -> None:
        self._database = database
        self._procore = procore
        self._times = times

    async def run(self, item: WorkItem) -> None:
        """Work in rounds until what should stand has not changed since the last listing."""
        place = _place(item)
        for _ in range(_ROUNDS):
            target = await self._load(item, place)
            if target is None:
                return
            if await self._round(item, place, target):
                return
        raise Retryable("What should stand on this commitment keeps changing.", after=timedelta(seconds=5))

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Nothing more is tried by itself: everything open on the commitment needs a hand."""
        del refused  # after eight attempts or at once: a person must look
        vault = await lock_vault(tx.session, item.vault_id)
        if vault is None:
            return
        place = _place(item)
        views = await allocations_of_commitment(tx.session, vault.id, place.project_id, place.commitment_id)
        still_open = [view for view in views if view.row.write_state in ("planned", "sending")]
        for view in still_open:
            record_steps.refused(view, problem)
        await publish_payments(tx, vault, still_open, (), item.cause)

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """The allocations stay planned, or sending; the item itself shows what it waits for."""

    async def _load(self, item: WorkItem, place: Place) -> _Target | None:
        async with self._database.reading() as session:
            vault = await read_vault(session, item.vault_id)
            if vault is None or not vault.settings.active:
                return None
            wanted = await wanted_count(session, vault.id, place.project_id, place.commitment_id)
            views = await allocations_of_commitment(session, vault.id, place.project_id, place.commitment_id)
            for view in views:
                _link(view)
            return _Target(vault, [_known(view, vault, place, self._times.doubt) for view in views], wanted)

    async def _round(self, item: WorkItem, place: Place, target: _Target) -> bool:
        """List, plan, act; true when the item is finished, false when there is more to do."""
        procore = self._procore.of(target.vault)
        payments = await procore.contract_payments(place.project_id, place.commitment_id)
        failpoints.hit(_AFTER_LIST)
        listed = [row_of(payment) for payment in payments]
        steps = plan(target.known, listed, utc_now())
        await take_steps(self._database, item, place, steps)
        sender = SendStep(
            self._database, procore, item, place, self._times, target.vault.settings.use_origin_id
        )
        sender.rows = {row.id: row for row in listed}
        for step in steps:
            if isinstance(step, Create | Update | Delete):
                await sender.send(step)
        self._raise_doubts(sender, [step.until for step in steps if isinstance(step, Wait)])
        return await self._finish(item, place, target.wanted, sender)

    def _raise_doubts(self, sender: SendStep, waits: list[datetime]) -> None:
        """An unclear answer counts as an attempt; coming back before its doubt is over does not."""
        if sender.not_sent:
            raise Retryable(sender.not_sent[0], code="procore_unreachable")
        if sender.doubts:
            until = max(sender.doubts)
            raise Retryable(
                "Procore gave no clear answer; its list is read again before anything is repeated.",
                code="procore_doubt",
                after=max(until - utc_now(), timedelta(0)),
            )
        if waits:
            raise Waiting("procore_doubt", max(waits), "Waiting until a late answer can no longer come.")

    async def _finish(self, item: WorkItem, place: Place, wanted: int, sender: SendStep) -> bool:
        async with self._database.transaction() as tx:
            vault = await lock_vault(tx.session, item.vault_id)
            now_wanted = await wanted_count(tx.session, item.vault_id, place.project_id, place.commitment_id)
            if vault is None or sender.again or now_wanted != wanted:
                return False
            await publish_commitment(tx, vault, place.key, sender.rows.values(), item.cause)
            await finish(tx, item)
        return True


def _link(view: AllocationView) -> None:
    """Let the trace of this write-back point to the one in which the invoice was imported."""
    invoice = view.invoice
    if invoice is not None:
        tracing.link_current(
            invoice.traceparent,
            {"drawbridge.invoice_id": str(invoice.id), "drawbridge.causation_id": str(invoice.told_by)},
        )


def _place(item: WorkItem) -> Place:
    return Place(int(str(item.payload["project_id"])), int(str(item.payload["commitment_id"])))


def _known(view: AllocationView, vault: Vault, place: Place, doubt: timedelta) -> Known:
    row = view.row
    here = view.invoice is not None and place.is_at(view.invoice.project_id, view.invoice.commitment_id)
    written_here = place.is_at(row.written_project_id, row.written_commitment_id)
    elsewhere = not written_here and (row.contract_payment_id is not None or row.intent_at is not None)
    return Known(
        allocation_id=row.id,
        wanted=view.wanted if here else None,
        row_id=row.contract_payment_id if written_here else None,
        proven=row.proven,
        sent=Draft.model_validate(row.sent) if row.sent and written_here else None,
        intent_at=row.intent_at if written_here else None,
        doubt_until=row.deadline + doubt if row.deadline and written_here else None,
        foreign_id=view.foreign.contract_payment_id if view.foreign else None,
        use_origin_id=vault.settings.use_origin_id,
        withheld=elsewhere,
        blocked=row.write_state in BLOCKED,
        overridden=frozenset(row.overridden),
        locked=None if view.wanted else view.standing.locked,  # what is wanted elsewhere is not offset here
        offset_id=row.offset_id if written_here else None,
        method=view.facts.method,
    )
