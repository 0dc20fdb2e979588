"""Whatever Procore does with our calls, the plan ends with one row for each allocation, and never two."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from drawbridge.payment_backfiller.domain.allocation import mark_of
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Known, Row
from drawbridge.payment_backfiller.domain.plan import (
    CoverByForeign,
    Create,
    Delete,
    Settled,
    Update,
    plan,
)

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOUBT = timedelta(seconds=60)


def _draft(allocation: UUID, amount: int) -> Draft:
    return Draft(
        amount=Decimal(amount),
        date=date(2026, 3, 1),
        check_number=str(allocation.int >> 64),
        method="check",
        requisition_id=77,
        notes=mark_of(allocation),
    )


@dataclass
class World:
    """A commitment in Procore, our records of it, and the calls that are still under way."""

    rng: random.Random
    known: dict[UUID, Known]
    foreign: list[Row]
    rows: dict[int, Row] = field(default_factory=dict)
    late: list[tuple[datetime, Create]] = field(default_factory=list)
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
            case Update(allocation_id, row_id, draft):
                self.rows[row_id] = replace(self.rows[row_id], amount=draft.amount)
                self._learn(allocation_id, row_id=row_id)
            case Delete(allocation_id, row_id, duplicate):
                del self.rows[row_id]
                if not duplicate:
                    self._learn(allocation_id, row_id=None)
            case Settled(allocation_id, row):
                self._learn(allocation_id, row_id=row.id if row else None)
            case CoverByForeign(allocation_id, row_id):
                self._learn(allocation_id, row_id=None)
                self.known[allocation_id] = replace(self.known[allocation_id], foreign_id=row_id)
            case _:
                pass

    def _send(self, step: Create, answer: str) -> None:
        if answer == "ok":
            self._learn(step.allocation_id, row_id=self._create(step).id)
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

    def _learn(self, allocation_id: UUID, row_id: int | None) -> None:
        self.known[allocation_id] = replace(
            self.known[allocation_id], row_id=row_id, sent=None, intent_at=None, doubt_until=None
        )


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    amounts=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    voids=st.sets(st.integers(0, 3)),
    hand_typed=st.booleans(),
)
def test_one_row_for_each_allocation_after_the_last_sweep(
    seed: int, amounts: list[int], voids: set[int], *, hand_typed: bool
) -> None:
    allocations = {UUID(int=(number + 1) << 64): amount for number, amount in enumerate(amounts)}
    known = {each: Known(each, _draft(each, amount)) for each, amount in allocations.items()}
    typed = Row(9000, Decimal(amounts[0]), date(2026, 3, 1), "1", 77, created_at=START)
    foreign = [typed] if hand_typed else []
    world = World(random.Random(seed), known, foreign)  # a seeded workload
    for _ in range(6):
        world.step(faulty=True)
    for number, each in enumerate(allocations):
        if number in voids:
            world.known[each] = replace(world.known[each], wanted=None)
    for _ in range(3):
        world.step(faulty=True)
    while world.late:
        world.step(faulty=False)
    world.now += timedelta(hours=1)
    for _ in range(3):
        world.step(faulty=False)

    wanted = {each for number, each in enumerate(allocations) if number not in voids}
    covered = {each for each in wanted if world.known[each].foreign_id}
    marks = sorted(row.notes for row in world.rows.values())
    assert marks == sorted(mark_of(each) for each in wanted - covered)
    assert len(covered) <= len(foreign)
    assert world.foreign == foreign
