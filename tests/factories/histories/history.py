"""One random history: what a clerk, people in Procore, crashes and a restore do to two workers."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.vaults import JobName
from drawbridge.ledgers import PaymentFacts
from drawbridge.payment_backfiller.domain.allocation import allocation_id
from drawbridge.runtime import failpoints
from drawbridge.sandbox.procore import Procore
from drawbridge.sandbox.procore.payments import PaymentDraft, issue_payment
from tests.factories.histories.backup import Backups
from tests.factories.histories.books import ZERO, Books
from tests.factories.histories.desk import APP
from tests.factories.histories.locks import Locks
from tests.factories.histories.workers import Workers
from tests.factories.payments import invoice_state, vault_state

LEDGER = "sage-main"
GO_LIVE = date(2026, 3, 1)
FIRST_GO_LIVE = date(2026, 3, 20)
"""What the vault's settings say at first in half of the histories; later they say `GO_LIVE`."""
JOBS: tuple[JobName, ...] = ("payment_retrieval", "check_backfill")
CRASHES = (
    "write_back.after_list",
    "write_back.after_intent",
    "write_back.after_call",
    "retrieve_payments.after_batch",
    "check_backfill.after_batch",
    "work.after_lease",
    "work.after_run",
    "work.before_settle",
)
KILLS = (*CRASHES, "transaction.before_commit", "transaction.after_commit")
_SHAPES = ("state", "deletion", "reversal")
_STEPS = 14
_NAMES = UUID("0f5d6f3c-8a61-4b54-9d0d-6a1f7f1f2b11")


@dataclass
class History:
    """``seed`` decides everything but the order in which the machine runs the tasks."""

    seed: int
    procore: Procore
    books: Books
    workers: Workers
    backups: Backups
    requisitions: list[dict[str, Any]]
    invoices: list[InvoiceState] = field(default_factory=list)
    typed: set[tuple[str, str]] = field(default_factory=set)
    foreign: dict[int, dict[str, Any]] = field(default_factory=dict)
    voided: list[PaymentFacts] = field(default_factory=list)
    backed_up: bool = False
    checks: int = 1000
    settings: int = 0
    payments_from: date = GO_LIVE

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # a seeded workload
        self.use_origin_id = self.seed % 2 == 1
        self.procore.negative_payments = self.seed // 2 % 2 == 1
        self.locks = Locks(self.procore, self.rng, APP)

    async def live(self) -> None:
        """Everything that happens until the last sweep."""
        desk = self.workers.desk
        await self._tell_settings(self.rng.choice([GO_LIVE, FIRST_GO_LIVE]))
        await self._import(2)
        await self.workers.start()
        desk.trouble = 0.35
        for _ in range(_STEPS):
            await self.rng.choice(self._happenings())()
            await self._maybe_run_jobs()
        await self._calm_down()

    def expected(self) -> Counter[tuple[str, Decimal]]:
        """What should come of each allocation in Procore, from the ledger and what Procore has locked."""
        return self.locks.expected(
            {
                _allocation(entry.payment.id, each.bill_id): each.cash
                for entry in self.books.payments.values()
                if entry.payment.posted and entry.payment.date >= GO_LIVE
                for each in entry.allocations
                if each.cash and (entry.payment.id, each.bill_id) not in self.typed
            }
        )

    def untouched(self) -> bool:
        """Whether every row that somebody typed stands as it was typed."""
        return all(self.procore.payments[row_id].public == row for row_id, row in self.foreign.items())

    def _happenings(self) -> list[Callable[[], Awaitable[None]]]:
        often = [self._pay, self._pay, self._pay, self._void, self._edit]
        hard = [self._crash, self._kill, self._kill, self._cut_off, self._back_up_or_restore]
        locks = [self._lock, self._lock, self._tidy, self._unvoid]
        return [*often, self._import_one, self._type, self._go_live, *locks, *hard]

    async def _go_live(self) -> None:
        """The date from which payments are carried is moved back to where it belongs."""
        if self.payments_from != GO_LIVE:
            await self._tell_settings(GO_LIVE)

    async def _tell_settings(self, payments_from: date) -> None:
        self.payments_from, self.settings = payments_from, self.settings + 1
        state = vault_state(
            self.procore.company_id,
            version=self.settings,
            payments_from=payments_from,
            use_origin_id=self.use_origin_id,
        )
        await self.workers.settings(state)

    async def _import_one(self) -> None:
        await self._import(1)

    async def _import(self, count: int) -> None:
        """Import invoices; a later one may be the release of what was held on an earlier one."""
        for _ in range(min(count, len(self.requisitions) - len(self.invoices))):
            number = len(self.invoices)
            bill_id, amount = f"B{number}", self._amount(50_000)
            self.books.post_bill(bill_id, f"INV-{number}", amount)
            state = invoice_state(
                uuid5(_NAMES, f"{self.seed}/{number}"),
                self.requisitions[number],
                number=f"inv {number:03}" if self.rng.random() < 0.3 else f"INV-{number}",
                net_due=str(amount),
            )
            self.invoices.append(state)
            await self.workers.invoice(state)

    async def _pay(self) -> None:
        """One check over one bill or several, in part or whole; a discount or a credit with it."""
        bills = self.rng.sample(
            sorted(self.books.bills_by_id), self.rng.randint(1, len(self.books.bills_by_id))
        )
        self._enter({bill_id: self._parts() for bill_id in bills[:3]})

    def _parts(self) -> tuple[Decimal, Decimal, Decimal]:
        cash = ZERO if self.rng.random() < 0.1 else self._amount(5_000)
        if self.rng.random() < 0.1:
            cash = -cash  # money that came back
        discount = self._amount(50) if self.rng.random() < 0.2 else ZERO
        credit = self._amount(500) if self.rng.random() < 0.2 or not cash else ZERO
        return cash, discount, credit

    def _enter(self, parts: dict[str, tuple[Decimal, Decimal, Decimal]], number: str | None = None) -> str:
        self.checks += 1
        day = GO_LIVE + timedelta(days=self.rng.randint(-5, 40))
        payment_id = f"P{self.checks}"
        self.books.pay(payment_id, number or str(self.checks), day, parts)
        self.locks.allocations |= {_allocation(payment_id, bill_id) for bill_id in parts}
        return payment_id

    async def _void(self) -> None:
        """In one of the three shapes; often another check replaces it under the same number."""
        free = [each for each in self.books.payments if each not in {payment for payment, _ in self.typed}]
        if not free:
            return
        payment_id = self.rng.choice(free)
        facts = self.books.payments[payment_id]
        if facts.payment.posted and any(each.cash for each in facts.allocations):
            self.voided.append(facts)
        self.books.void(payment_id, self.rng.choice(_SHAPES))
        if self.rng.random() < 0.4:
            self._enter({each.bill_id: self._parts() for each in facts.allocations}, facts.payment.number)

    async def _unvoid(self) -> None:
        """The clerk takes a void back."""
        if self.voided:
            self.books.unvoid(self.voided.pop(self.rng.randrange(len(self.voided))))

    async def _lock(self) -> None:
        """Another connector takes a row of ours over, while all is as it should be."""
        await self._quiet()
        self.locks.lock()

    async def _tidy(self) -> None:
        """Somebody removes a locked row in Procore, or its offset."""
        self.locks.tidy(
            {
                _allocation(entry.payment.id, each.bill_id)
                for entry in self.books.payments.values()
                for each in entry.allocations
            }
        )

    async def _edit(self) -> None:
        """The clerk corrects an amount."""
        posted = [each for each, entry in self.books.payments.items() if entry.payment.posted]
        if not posted:
            return
        payment_id = self.rng.choice(posted)
        facts = self.books.payments[payment_id]
        first, *others = facts.allocations
        if first.cash and (payment_id, first.bill_id) not in self.typed:
            self.books.change(payment_id, (first._replace(cash=self._amount(5_000)), *others))

    async def _type(self) -> None:
        """Somebody types the next check into Procore by hand, or something that has nothing to do with us."""
        index = self.rng.randrange(len(self.invoices))
        requisition = self.requisitions[index]
        if self.rng.random() < 0.3:
            self._type_row(PaymentDraft(requisition["commitment_id"], amount=str(self._amount(90_000))))
            return
        cash, day = self._amount(5_000), GO_LIVE + timedelta(days=3)
        number = str(self.checks + 1)
        draft = PaymentDraft(
            requisition["commitment_id"],
            amount=str(cash),
            date=day.isoformat(),
            check_number=number,
            requisition_id=requisition["id"],
        )
        self._type_row(draft)
        self.checks += 1
        self.books.pay(f"P{number}", number, day, {f"B{index}": (cash, ZERO, ZERO)})
        self.typed.add((f"P{number}", f"B{index}"))

    def _type_row(self, draft: PaymentDraft) -> None:
        row = issue_payment(self.procore, draft, "Pat")
        self.foreign[row.public["id"]] = dict(row.public)

    async def _crash(self) -> None:
        """The next passes of some places in the code fail."""
        names = self.rng.sample(CRASHES, 3)
        failpoints.arm(",".join(f"{name}=raise:{self.rng.randint(1, 2)}" for name in names))

    async def _kill(self) -> None:
        """The worker that next passes one of these places is killed there."""
        self.workers.kill_at |= set(self.rng.sample(KILLS, 2))

    async def _cut_off(self) -> None:
        await self.workers.cut_off(self.rng.choice)

    async def _back_up_or_restore(self) -> None:
        """Our database goes back to yesterday; others tell again what they own, and the jobs run."""
        await self._quiet()
        await self.workers.stop()
        if not self.backed_up:
            await self.backups.take()
        else:
            await self.backups.restore()
            await self._tell_settings(self.payments_from)
            for state in self.invoices:
                await self.workers.invoice(state)
        self.backed_up = not self.backed_up
        await self.workers.start()
        await self._both_jobs("schedule")
        await self.workers.idle()

    async def _maybe_run_jobs(self) -> None:
        if self.rng.random() < 0.6:
            for job in self.rng.sample(JOBS, self.rng.randint(1, 2)):
                await self.workers.run_job(job, "schedule")
        if self.rng.random() < 0.3:
            await self.workers.idle()
        else:
            await asyncio.sleep(self.rng.uniform(0, 0.05))

    async def _quiet(self) -> None:
        """No faults, nothing under way, the ledger read to its end."""
        desk, trouble = self.workers.desk, self.workers.desk.trouble
        failpoints.arm("")
        self.workers.kill_at.clear()
        desk.trouble = 0
        await self._both_jobs("Kim")
        await self.workers.idle()
        await desk.all_late_answers()
        await self.workers.idle()
        desk.trouble = trouble

    async def _calm_down(self) -> None:
        """The last runs, by a person, and the sweep of the next night."""
        await self._go_live()
        self.workers.desk.trouble = 0
        await self._quiet()
        await self._both_jobs("Kim")
        await self.workers.idle()
        await self.workers.sweep()
        await self.workers.idle()
        await self.workers.stop()

    async def _both_jobs(self, requested_by: str) -> None:
        for job in JOBS:
            await self.workers.run_job(job, requested_by)

    def _amount(self, most: int) -> Decimal:
        return Decimal(self.rng.randint(1, most * 100)) / 100


def _allocation(payment_id: str, bill_id: str) -> UUID:
    return UUID(allocation_id("main", LEDGER, payment_id, bill_id))
