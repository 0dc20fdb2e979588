"""Rows that Procore refuses to remove come to what the ledger says, with their offsets, whatever happens."""

import random
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from drawbridge.payment_backfiller.domain.allocation import mark_of, offset_key
from drawbridge.payment_backfiller.domain.listing import Known
from tests.factories.commitment import Commitment, draft_of

A, B = UUID(int=1 << 64), UUID(int=2 << 64)
DRAFTS = {A: draft_of(A, 3), B: draft_of(B, 2)}


def _turn(world: Commitment, allocation: UUID, what: str) -> None:
    """``tidy``: somebody removes a row in Procore; ``forget``: our records are those of a backup."""
    match what:
        case "void":
            world.want(allocation, None)
        case "unvoid":
            world.want(allocation, DRAFTS[allocation])
        case "lock":
            world.lock(allocation)
        case "tidy" if world.rows:
            del world.rows[world.rng.choice(sorted(world.rows))]
        case "forget":
            world.known[allocation] = Known(allocation, world.known[allocation].wanted)


def _check(world: Commitment, allocation: UUID) -> None:
    wanted = world.known[allocation].wanted
    own = [row for row in world.rows.values() if row.mark == mark_of(allocation)]
    offsets = [row for row in world.rows.values() if row.mark == mark_of(offset_key(allocation))]
    stands = bool(wanted) or (not world.negative and any(row.id in world.locked for row in own))
    found = sum((row.amount or Decimal(0) for row in own + offsets), Decimal(0))
    assert found == (DRAFTS[allocation].amount if stands else 0)
    assert len(own) <= 1
    assert len(offsets) == (0 if stands else len(own))


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    turns=st.lists(
        st.tuples(st.sampled_from([A, B]), st.sampled_from(["void", "unvoid", "lock", "tidy", "forget"])),
        max_size=8,
    ),
    negative=st.booleans(),
)
def test_locked_rows_come_to_what_the_ledger_says(
    seed: int, turns: list[tuple[UUID, str]], *, negative: bool
) -> None:
    known = {each: Known(each, draft) for each, draft in DRAFTS.items()}
    world = Commitment(random.Random(seed), known, [], negative=negative)  # a seeded workload
    world.settle()
    for allocation, what in [(A, "lock"), *turns]:
        _turn(world, allocation, what)
        for _ in range(world.rng.randint(0, 3)):
            world.step(faulty=True)
    for each in DRAFTS:
        world.want(each, world.known[each].wanted)
    world.settle()
    for each in DRAFTS:
        _check(world, each)
