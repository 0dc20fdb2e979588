"""A commitment whose contract payments are planned and written, without a database and without a network."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.domain.allocation import mark_of
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Known, Row
from drawbridge.payment_backfiller.domain.plan import plan
from drawbridge.payment_backfiller.domain.steps import CoverByForeign, Create, Delete, Settled, Update

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOUBT = timedelta(seconds=60)
LOCKED = Problem(code="locked", message="It is synced with an ERP system.")

A = UUID(int=1 << 64)
"""One allocation."""

DRAFT = Draft(
    amount=Decimal("100.00"),
    date=date(2026, 3, 1),
    check_number="1042",
    method="check",
    invoice_number="INV-12",
    requisition_id=77,
    notes=mark_of(A),
)
"""What should stand for it."""


def draft_of(allocation: UUID, amount: int) -> Draft:
    """What should stand for the allocation."""
    return Draft(
        amount=Decimal(amount),
        date=date(2026, 3, 1),
        check_number=str(allocation.int >> 64),
        method="check",
        requisition_id=77,
        notes=mark_of(allocation),
    )


@dataclass
class Commitment:
    """A commitment in Procore, our records of it, and the calls that are still under way.

    ``locked`` are rows that Procore does not remove; ``negative``: whether it accepts an offset.
    """

    rng: random.Random
    known: dict[UUID, Known]
    foreign: list[Row]
    rows: dict[int, Row] = field(default_factory=dict)
    late: list[tuple[datetime, Create]] = field(default_factory=list)
    locked: set[int] = field(default_factory=set)
    negative: bool = True
    now: datetime = START
    next_id: int = 1

    def step(self, *, faulty: bool) -> None:
        """List, plan, and act once."""
        self._deliver()
        listed = [*self.rows.values(), *self.foreign]
        for step in plan(list(self.known.values()), listed, self.now):
            self._act(step, faulty=faulty)
        self.now += timedelta(seconds=self.rng.choice([1, 61, 300]))

    def _deliver(self) -> None:
        due = [call for at, call in self.late if at <= self.now]
        self.late = [(at, call) for at, call in self.late if at > self.now]
        for call in due:
            self._create(call)

    def _create(self, step: Create) -> Row:
        row = Row(
            self.next_id,
            step.draft.amount,
            step.draft.date,
            step.draft.check_number,
            step.draft.requisition_id,
            notes=step.draft.notes,
            created_at=self.now,
        )
        self.rows[row.id] = row
        self.next_id += 1
        return row

    def _act(self, step: object, *, faulty: bool) -> None:
        match step:
            case Create():
                self._send(step, self.rng.choice(["ok", "lost", "dropped", "late"]) if faulty else "ok")
            case Update() | Delete():
                self._change(step)
            case Settled(allocation_id, row, offset=True):
                self._learn(allocation_id, offset_id=row.id if row else None)
            case Settled(allocation_id, row):
                self._learn(allocation_id, row_id=row.id if row else None, locked=None)
            case CoverByForeign(allocation_id, row_id):
                self._learn(allocation_id, row_id=None)
                self.known[allocation_id] = replace(self.known[allocation_id], foreign_id=row_id)

    def _change(self, step: Update | Delete) -> None:
        match step:
            case Update(allocation_id, row_id, draft) if row_id not in self.locked:
                self.rows[row_id] = replace(self.rows[row_id], amount=draft.amount)
                self._learn(allocation_id)
            case Delete(allocation_id, row_id, duplicate) if row_id in self.locked:
                assert not duplicate
                self._learn(allocation_id, locked=LOCKED)
            case Delete(allocation_id, row_id, duplicate):
                del self.rows[row_id]
                if not duplicate:
                    self._learn(allocation_id, row_id=None, locked=None)

    def _send(self, step: Create, answer: str) -> None:
        if step.offset and not self.negative:
            self._learn(step.allocation_id, blocked=True)
            return
        if answer == "ok":
            created = self._create(step).id
            self._learn(step.allocation_id, **{"offset_id" if step.offset else "row_id": created})
            return
        doubtful = replace(
            self.known[step.allocation_id],
            sent=step.draft,
            intent_at=self.now,
            doubt_until=self.now + DOUBT,
        )
        self.known[step.allocation_id] = doubtful
        if answer == "dropped":
            self._create(step)
        if answer == "late":
            self.late.append((self.now + timedelta(seconds=self.rng.choice([5, 90, 900])), step))

    def _learn(self, allocation_id: UUID, **members: Any) -> None:  # noqa: ANN401  # any member
        answered: dict[str, Any] = {"sent": None, "intent_at": None, "doubt_until": None}
        self.known[allocation_id] = replace(self.known[allocation_id], **answered, **members)

    def lock(self, allocation_id: UUID) -> None:
        """Let another connector take over the row that we know of."""
        known = self.known[allocation_id]
        if known.row_id in self.rows and known.foreign_id is None:
            self.locked.add(known.row_id)

    def want(self, allocation_id: UUID, draft: Draft | None) -> None:
        """The ledger changes its mind: what was refused is tried again."""
        self.known[allocation_id] = replace(self.known[allocation_id], wanted=draft, blocked=False)

    def settle(self) -> None:
        """Nothing goes wrong any more, and the sweep of the next night comes."""
        while self.late:
            self.step(faulty=False)
        self.now += timedelta(hours=1)
        for _ in range(4):
            self.step(faulty=False)
