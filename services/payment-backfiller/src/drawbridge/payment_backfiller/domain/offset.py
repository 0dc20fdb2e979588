"""The offset: a row of the opposite amount beside one of ours that Procore refuses to remove.

It belongs to the same allocation, with a mark of its own, and is recognised and written like any other row.
It is wanted while nothing should stand for the allocation and its own row stands all the same, and no longer.
"""

from dataclasses import replace
from datetime import datetime

from drawbridge.contracts.errors import Problem
from drawbridge.payment_backfiller.domain.draft import Draft
from drawbridge.payment_backfiller.domain.listing import Known, Recognised, Row
from drawbridge.payment_backfiller.domain.money import tidy
from drawbridge.payment_backfiller.domain.steps import Create, Delete, NeedsHand, Settled, Step, Update, Wait

REFUSALS = frozenset({403, 405, 409, 422, 423})
"""Answers to a removal that mean: this row stays. All others say nothing about the row itself."""


def offset_of(known: Known) -> Known:
    """What we know of the allocation's offset; what the last intent sent may have been either of the two."""
    return replace(known, is_offset=True, row_id=known.offset_id, proven=True, foreign_id=None, wanted=None)


def offset_steps(known: Known, own: Recognised, found: Recognised, now: datetime) -> list[Step]:
    """Plan the offset of an allocation whose own row was recognised as ``own``, its offset as ``found``.

    Until the removal of the own row was tried and refused the offset stays as it is.
    """
    steps: list[Step] = [Delete(known.allocation_id, row.id, duplicate=True) for row in found.duplicates]
    if found.look_alikes or not found.proven:
        return steps if known.blocked else [*steps, _which_is_ours(known, found)]
    wanted = None
    if known.wanted is None and own.row is not None:
        if known.locked is None or not own.proven:
            return steps
        wanted = _opposite(known, own.row)
        if wanted is None:
            hand = NeedsHand(known.allocation_id, own.row.id, known.locked)
            return steps if known.blocked else [*steps, hand]
    return [*steps, *_steps(known, wanted, found.row, now)]


def offset_beside(row_id: int | None, offset: Row) -> Problem:
    """What a person sees of a row and its offset that stand in Procore."""
    amount = None if offset.amount is None else tidy(offset.amount)
    return Problem(
        code="offset",
        message=f"Contract payment {row_id} of {offset.date} is locked in Procore and was offset by contract "
        f"payment {offset.id} of {amount}.",
        advice="Delete both in Procore if you like; once the first is unlocked, retry removes both.",
    )


def _steps(known: Known, wanted: Draft | None, row: Row | None, now: datetime) -> list[Step]:
    allocation = known.allocation_id
    if row is None:
        if wanted is None:
            return []
        if known.in_doubt(now):
            return [Wait(allocation, known.doubt_until or now)]
        return [] if known.blocked else [Create(allocation, wanted, offset=True)]
    if wanted is not None and row.shows(wanted):
        return [Settled(allocation, row, offset=True)]
    if wanted is None or known.blocked:
        return [Delete(allocation, row.id, duplicate=True)]  # what offsets nothing, or wrongly, only harms
    return [Update(allocation, row.id, wanted, offset=True)]


def _opposite(known: Known, row: Row) -> Draft | None:
    """The offset of the row as Procore shows it; none if that cannot be read."""
    if row.amount is None or row.date is None:
        return None
    return Draft(
        amount=tidy(-row.amount),
        date=row.date,
        check_number=row.check_number or None,
        method=known.method,
        invoice_number=row.invoice_number,
        requisition_id=row.requisition_id,
        notes=f"Offsets contract payment {row.id}, which could not be removed. {offset_of(known).mark}",
    )


def _which_is_ours(known: Known, found: Recognised) -> NeedsHand:
    rows = found.look_alikes or tuple(row for row in (found.row,) if row is not None)
    ids = " and ".join(str(row.id) for row in rows)
    problem = Problem(
        code="offset_unproven",
        message=f"The offset that we sent may be contract payment {ids}, but nothing there proves it.",
        advice="See in Procore that the payment and its offset add up to zero, then resolve it here.",
    )
    return NeedsHand(known.allocation_id, None, problem)
