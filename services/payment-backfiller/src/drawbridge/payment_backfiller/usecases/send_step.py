"""Send one step to Procore: intent, call, outcome, each in its own place (design: "External writes")."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drawbridge.contracts.errors import Waiting
from drawbridge.payment_backfiller.domain.allocation import offset_key, origin_id_of
from drawbridge.payment_backfiller.domain.listing import Row
from drawbridge.payment_backfiller.domain.steps import Create, Delete, Update
from drawbridge.payment_backfiller.store.allocations import AllocationView, allocation
from drawbridge.payment_backfiller.store.leases import hold
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault
from drawbridge.payment_backfiller.usecases import record_steps
from drawbridge.payment_backfiller.usecases.contract_payment import (
    refusal,
    row_of,
    shows_otherwise,
    to_change,
    to_create,
)
from drawbridge.payment_backfiller.usecases.ports import ContractPayments
from drawbridge.payment_backfiller.usecases.publish_payments import publish_payments
from drawbridge.payment_backfiller.usecases.recheck import recheck_work
from drawbridge.payment_backfiller.usecases.record_offset import (
    is_locked,
    offset_in,
    record_locked,
    record_offset,
)
from drawbridge.payment_backfiller.usecases.settle_bills import add_write_backs
from drawbridge.persistence import Database, Transaction, WorkItem
from drawbridge.procore import (
    Ambiguous,
    ContractPayment,
    ContractPaymentChange,
    NotSent,
    Ok,
    Outcome,
    Rejected,
)
from drawbridge.runtime import failpoints, utc_now

_AFTER_INTENT = failpoints.declare("write_back.after_intent")
_AFTER_CALL = failpoints.declare("write_back.after_call")
_NOT_FOUND = 404
_DOING = {Create: "create", Update: "change", Delete: "delete"}


@dataclass(frozen=True, slots=True)
class Place:
    """The commitment."""

    project_id: int
    commitment_id: int

    @property
    def key(self) -> tuple[int, int]:
        """(project, commitment)."""
        return self.project_id, self.commitment_id

    def is_at(self, project_id: int | None, commitment_id: int | None) -> bool:
        """Whether these ids name this commitment."""
        return (project_id, commitment_id) == self.key


@dataclass(frozen=True, slots=True)
class Times:
    """``call``: the longest call; ``margin``: how long before the lease ends it must be over.

    ``doubt``: how long after the deadline an absent row proves nothing; ``recheck``: when the commitment is
    listed once more, to find what was applied even later.
    """

    call: timedelta = timedelta(seconds=45)
    margin: timedelta = timedelta(seconds=10)
    doubt: timedelta = timedelta(seconds=60)
    recheck: timedelta = timedelta(seconds=600)


@dataclass
class SendStep:
    """Sends the steps of one round; remembers what stays open, and the rows that Procore then shows."""

    database: Database
    procore: ContractPayments
    item: WorkItem
    place: Place
    times: Times
    use_origin_id: bool
    rows: dict[int, Row] = field(default_factory=dict)
    doubts: list[datetime] = field(default_factory=list)
    not_sent: list[str] = field(default_factory=list)
    again: bool = False

    async def send(self, step: Create | Update | Delete) -> None:
        """Send one step, unless the facts have changed since it was planned."""
        deadline = await self._intend(step)
        if deadline is None:
            self.again = True
            return
        failpoints.hit(_AFTER_INTENT)
        try:
            outcome = await self._call(step, deadline)
        except Waiting:
            await self._record(step, NotSent("Procore's limit was reached."))
            raise
        failpoints.hit(_AFTER_CALL)
        await self._record(step, outcome)
        self._see(step, outcome)
        if isinstance(outcome, NotSent):
            self.not_sent.append(outcome.reason)

    async def _intend(self, step: Create | Update | Delete) -> datetime | None:
        """Commit the intent; none when the step is no longer what is wanted."""
        async with self.database.transaction() as tx:
            vault, view = await self._locked(tx, step)
            until = await hold(tx, self.item)
            deadline = min(tx.now + self.times.call, until - self.times.margin)
            if deadline <= tx.now:
                raise Waiting("lease_ends", tx.now, "The lease is about to end; a fresh one is taken.")
            if _is_duplicate(step):
                return deadline
            draft = None if isinstance(step, Delete) else step.draft
            wanted = view.wanted if self._is_here(view) else None
            if wanted != (None if _is_offset(step) else draft):
                return None
            if view.row.intent_at is not None:
                # An earlier call was never answered, by us or by a worker that is gone: look once more later.
                await tx.add_work(recheck_work(self.item, self.place.key, tx.now + self.times.recheck))
            record_steps.intend(view, draft, tx.now, deadline, self.place.key)
            await publish_payments(tx, vault, [view], (), self.item.cause)
        return deadline

    async def _call(
        self, step: Create | Update | Delete, deadline: datetime
    ) -> Outcome[ContractPayment | None]:
        left = (deadline - utc_now()).total_seconds()
        if left <= 0:
            return NotSent("The time for the call was over before it began.")
        project, commitment = self.place.key
        try:
            async with asyncio.timeout(left):
                match step:
                    case Create():
                        key = offset_key(step.allocation_id) if step.offset else step.allocation_id
                        draft = to_create(step.draft, origin_id_of(key) if self.use_origin_id else None)
                        return await self.procore.create_contract_payment(project, commitment, draft)
                    case Update() | Delete() if (refused := await self._unlock(step)) is not None:
                        return refused
                    case Update():
                        change = to_change(step.draft)
                        return await self.procore.update_contract_payment(
                            project, commitment, step.row_id, change
                        )
                    case Delete():
                        return await self.procore.delete_contract_payment(project, commitment, step.row_id)
        except TimeoutError:
            return Ambiguous("Procore did not answer in time.")

    async def _unlock(self, step: Update | Delete) -> Outcome[ContractPayment | None] | None:
        """Clear our own ``origin_id``, which locks the row against changes; the mark still proves it ours.

        Gives the outcome if it was not cleared. A crash before the change leaves nothing but an open row.
        """
        row = self.rows.get(step.row_id)
        ours = [origin_id_of(key) for key in (step.allocation_id, offset_key(step.allocation_id))]
        if row is None or row.origin_id not in ours or row.mark is None:
            return None
        change = ContractPaymentChange(origin_id=None)
        outcome = await self.procore.update_contract_payment(*self.place.key, step.row_id, change)
        return None if isinstance(outcome, Ok) else outcome

    async def _record(self, step: Create | Update | Delete, outcome: Outcome[ContractPayment | None]) -> None:
        """Commit what became of the call; an unclear answer stays owed and is looked for again later."""
        async with self.database.transaction() as tx:
            vault, view = await self._locked(tx, step)
            await hold(tx, self.item)
            if isinstance(outcome, Ambiguous):
                record_steps.unclear(view, tx.now)
                self.doubts.append(tx.now + self.times.doubt)
                work = recheck_work(self.item, self.place.key, tx.now + self.times.recheck)
                await tx.add_work(work)
            elif _is_duplicate(step):
                _record_duplicate(view, outcome)
            elif not isinstance(step, Delete) and step.offset:
                self.again |= record_offset(view, step, outcome)
            elif isinstance(outcome, Rejected) and isinstance(step, Delete) and is_locked(view, outcome):
                record_locked(view, outcome)
                self.again = True
            else:
                await self._record_own(tx, vault, view, step, outcome)
            await publish_payments(tx, vault, [view], (), self.item.cause)

    async def _record_own(  # one outcome of one step, with all it touches
        self,
        tx: Transaction,
        vault: Vault,
        view: AllocationView,
        step: Create | Update | Delete,
        outcome: Outcome[ContractPayment | None],
    ) -> None:
        match outcome:
            case NotSent():
                record_steps.not_applied(view)
            case Rejected(problem) if not (isinstance(step, Delete) and problem.status == _NOT_FOUND):
                record_steps.answered(view)
                record_steps.refused(view, refusal(problem, _DOING[type(step)]))
            case Ok(value) if not isinstance(step, Delete) and value is not None:
                row = row_of(value)
                if row.shows(step.draft):
                    record_steps.stands(view, row, proven=True, place=self.place.key)
                else:
                    record_steps.stands_otherwise(view, row, shows_otherwise(step.draft, row))
            case _:
                self.again |= offset_in(self.rows.values(), view)
                record_steps.absent(view)
                if view.row.write_state == "planned":
                    await add_write_backs(tx, vault, view.commitments() - {self.place.key}, self.item.cause)

    def _see(self, step: Create | Update | Delete, outcome: Outcome[ContractPayment | None]) -> None:
        """Keep in mind what the answer shows of Procore's rows."""
        match outcome:
            case Ok(value) if value is not None and not isinstance(step, Delete):
                self.rows[value.id] = row_of(value)
            case Ok():
                self.rows.pop(getattr(step, "row_id", 0), None)

    async def _locked(self, tx: Transaction, step: Create | Update | Delete) -> tuple[Vault, AllocationView]:
        vault = await lock_vault(tx.session, self.item.vault_id)
        if vault is None:
            raise RuntimeError("A vault is never deleted.")
        return vault, await allocation(tx.session, vault.id, step.allocation_id)

    def _is_here(self, view: AllocationView) -> bool:
        invoice = view.invoice
        return invoice is not None and self.place.is_at(invoice.project_id, invoice.commitment_id)


def _is_duplicate(step: Create | Update | Delete) -> bool:
    return isinstance(step, Delete) and step.duplicate


def _is_offset(step: Create | Update | Delete) -> bool:
    return isinstance(step, Create | Update) and step.offset


def _record_duplicate(view: AllocationView, outcome: Outcome[ContractPayment | None]) -> None:
    if isinstance(outcome, Rejected) and outcome.problem.status != _NOT_FOUND:
        record_steps.refused(view, refusal(outcome.problem, "delete a second row of"))
