"""From what should stand on a commitment and what does stand there to the steps between: a pure decision.

Rules (product, Payments): only a stored id, an ``origin_id`` or our mark proves a row ours; a look-alike is
adopted and never changed; foreign rows are never touched; after an unclear answer an absent row proves
nothing until the doubt is over; of two rows with one mark the stored one stays, else the lower. A row that
Procore refuses to remove is offset by a second one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.domain.foreign import evidence, find_covers
from drawbridge.payment_backfiller.domain.listing import Known, Recognised, Row, recognise
from drawbridge.payment_backfiller.domain.offset import offset_of, offset_steps
from drawbridge.payment_backfiller.domain.steps import (
    CoverByForeign,
    Create,
    Delete,
    NeedsHand,
    Orphan,
    Settled,
    Step,
    Update,
    Wait,
)

_ORDER: tuple[type, ...] = (Settled, CoverByForeign, NeedsHand, Orphan, Delete, Update, Create, Wait)


def plan(allocations: Sequence[Known], rows: Sequence[Row], now: datetime) -> list[Step]:
    """Plan the steps for one commitment; what needs no call comes first, removals before additions."""
    offsets = [offset_of(known) for known in allocations]
    found = _recognise_all([*allocations, *offsets], list(rows))
    marks = {known.mark for known in (*allocations, *offsets)}
    ours = {row.id for each in found.values() for row in (each.row, *each.duplicates) if row}
    free = [row for row in rows if row.id not in ours]
    covers = _covers(allocations, found, free, now)
    steps: list[Step] = [
        Orphan(row.id, row.mark) for row in free if row.mark is not None and row.mark not in marks
    ]
    given = {cover.row_id for cover in covers.values()}
    left = {row.id for row in free} - given
    for known, offset in zip(allocations, offsets, strict=True):
        steps += _steps(
            known,
            found[known.key],
            covers.get(known.allocation_id),
            now,
            foreign_stands=known.foreign_id in left,
        )
        steps += offset_steps(known, found[known.key], found[offset.key], now)
    return sorted(steps, key=lambda step: _ORDER.index(type(step)))


def _recognise_all(allocations: Sequence[Known], rows: list[Row]) -> dict[UUID, Recognised]:
    """Proofs first, so that a proven row is nobody else's look-alike."""
    found: dict[UUID, Recognised] = {}
    taken = {known.row_id for known in allocations} | {known.foreign_id for known in allocations}
    marked = [(row, row.mark) for row in rows]
    taken |= {row.id for row, mark in marked if mark is not None}
    for known in allocations:
        own, origin_id = known.mark, known.origin_id
        theirs = [row for row, mark in marked if row.id == known.row_id or mark == own]
        theirs += [row for row in rows if row not in theirs and row.id not in taken]
        if origin_id is not None:
            theirs += [row for row in rows if row.origin_id == origin_id and row not in theirs]
        found[known.key] = recognise(known, theirs)
        taken |= {row.id for row in (found[known.key].row,) if row}
    return found


def _covers(
    allocations: Sequence[Known], found: dict[UUID, Recognised], free: Iterable[Row], now: datetime
) -> dict[UUID, CoverByForeign]:
    """Existing covers that still stand, then new ones for what has no row of its own.

    A row that covered a payment which is void may so go over to the one that was issued in its place.
    """
    standing = {row.id: row for row in free}
    covers: dict[UUID, CoverByForeign] = {}
    for known in allocations:
        row = standing.get(known.foreign_id) if known.foreign_id else None
        if row is not None and known.wanted is not None:
            covers[known.allocation_id] = CoverByForeign(
                known.allocation_id, row.id, evidence(known.wanted, row)
            )
    used = {cover.row_id for cover in covers.values()}
    wanting = {
        known.allocation_id: known.wanted
        for known in allocations
        if known.wanted is not None
        and found[known.key].row is None
        and not found[known.key].look_alikes
        and known.allocation_id not in covers
        and not known.withheld
        and not known.in_doubt(now)
    }
    others = [row for row in standing.values() if row.id not in used]
    overridden = {known.allocation_id: known.overridden for known in allocations}
    for cover in find_covers(wanting, others, overridden).values():
        covers[cover.allocation_id] = CoverByForeign(cover.allocation_id, cover.row_id, cover.evidence)
    return covers


def _steps(
    known: Known, found: Recognised, cover: CoverByForeign | None, now: datetime, *, foreign_stands: bool
) -> list[Step]:
    steps: list[Step] = [Delete(known.allocation_id, row.id, duplicate=True) for row in found.duplicates]
    if cover is not None:
        if found.row is not None and found.proven:
            steps.append(Delete(known.allocation_id, found.row.id, duplicate=True))
        return [*steps, cover]
    if found.row is None:
        return steps + _steps_without_row(known, found, now, foreign_stands=foreign_stands)
    return [*steps, *_steps_with_row(known, found.row, proven=found.proven)]


def _steps_with_row(known: Known, row: Row, *, proven: bool) -> list[Step]:
    if known.wanted is not None and row.shows(known.wanted):
        return [Settled(known.allocation_id, row, proven)]
    if known.blocked:
        return []
    if not proven:
        return [NeedsHand(known.allocation_id, row.id, _not_ours_to_change(row))]
    if known.wanted is None:
        return [] if known.locked else [Delete(known.allocation_id, row.id)]
    return [Update(known.allocation_id, row.id, known.wanted)]


def _steps_without_row(known: Known, found: Recognised, now: datetime, *, foreign_stands: bool) -> list[Step]:
    if found.look_alikes:
        return (
            []
            if known.blocked
            else [NeedsHand(known.allocation_id, None, _two_look_alikes(found.look_alikes))]
        )
    if known.in_doubt(now):
        return [Wait(known.allocation_id, known.doubt_until or now)]
    if known.wanted is None:
        return [] if foreign_stands else [Settled(known.allocation_id, None)]
    if known.withheld or known.blocked:
        return []
    return [Create(known.allocation_id, known.wanted)]


def _not_ours_to_change(row: Row) -> Problem:
    return Problem(
        code="adopted_payment_differs",
        message=f"Contract payment {row.id} stands for this payment but carries no proof that it is ours.",
        advice="Change or delete it in Procore by hand, then run the job again.",
    )


def _two_look_alikes(rows: Sequence[Row]) -> Problem:
    ids = " and ".join(str(row.id) for row in rows)
    return Problem(
        code="two_candidates",
        message=f"The contract payments {ids} both look like the one we sent.",
        advice="Delete the one too many in Procore, then run the job again.",
    )
