"""Whatever Procore does with our calls, the plan ends with one row for each allocation, and never two."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from drawbridge.payment_backfiller.domain.allocation import mark_of
from drawbridge.payment_backfiller.domain.listing import Known, Row
from tests.factories.commitment import START, Commitment, draft_of


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
    known = {each: Known(each, draft_of(each, amount)) for each, amount in allocations.items()}
    typed = Row(9000, Decimal(amounts[0]), date(2026, 3, 1), "1", 77, created_at=START)
    foreign = [typed] if hand_typed else []
    world = Commitment(random.Random(seed), known, foreign)  # a seeded workload
    for _ in range(6):
        world.step(faulty=True)
    for number, each in enumerate(allocations):
        if number in voids:
            world.known[each] = replace(world.known[each], wanted=None)
    for _ in range(3):
        world.step(faulty=True)
    world.settle()

    wanted = {each for number, each in enumerate(allocations) if number not in voids}
    covered = {each for each in wanted if world.known[each].foreign_id}
    marks = sorted(row.notes for row in world.rows.values())
    assert marks == sorted(mark_of(each) for each in wanted - covered)
    assert len(covered) <= len(foreign)
    assert world.foreign == foreign
