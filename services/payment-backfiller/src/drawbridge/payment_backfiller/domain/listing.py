"""A row of a commitment's Payments Issued tab, as far as it can be compared, and how rows are recognised."""

import datetime as dt
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.payments import PaymentMethod
from drawbridge.payment_backfiller.domain.allocation import mark_in, mark_of, offset_key, origin_id_of
from drawbridge.payment_backfiller.domain.draft import Draft

CLOCKS_APART = timedelta(minutes=2)
"""Procore's clock and ours may differ by so much when "created after the intent" is asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contract payment in Procore, ours or not. An amount that cannot be read is ``None``."""

    id: int
    amount: Decimal | None
    date: dt.date | None = None
    check_number: str | None = None
    requisition_id: int | None = None
    invoice_number: str | None = None
    notes: str = ""
    origin_id: str | None = None
    created_at: datetime | None = None

    @property
    def mark(self) -> str | None:
        """Our mark at the end of the notes."""
        return mark_in(self.notes)

    def shows(self, draft: Draft) -> bool:
        """Whether it shows what the draft says; members that Procore leaves out are not compared."""
        return (
            self.amount == draft.amount
            and self.date == draft.date
            and (draft.check_number is None or self.check_number == draft.check_number)
            and self.requisition_id in (None, draft.requisition_id)
        )


@dataclass(frozen=True, slots=True)
class Known:
    """One allocation of the commitment, or its offset, as we know it before listing.

    ``wanted``: what should stand here; ``None``: nothing should. ``withheld``: nothing may be created yet,
    because its row still stands elsewhere. ``overridden``: foreign rows that a person said are another
    payment. ``proven`` is false for a row that was only adopted.
    ``sent`` is what the last intent sent, ``intent_at`` when, ``doubt_until`` until when an absent row proves
    nothing. ``blocked``: Procore refused; only facts or a person start it again.
    ``locked``: why it refused to remove the row; ``offset_id``: the row written against that, as far as
    we know; ``method``: how that one is paid.
    """

    allocation_id: UUID
    wanted: Draft | None
    row_id: int | None = None
    proven: bool = True
    sent: Draft | None = None
    intent_at: datetime | None = None
    doubt_until: datetime | None = None
    foreign_id: int | None = None
    use_origin_id: bool = False
    withheld: bool = False
    blocked: bool = False
    overridden: frozenset[int] = frozenset()
    locked: Problem | None = None
    offset_id: int | None = None
    method: PaymentMethod = "check"
    is_offset: bool = False

    @property
    def key(self) -> UUID:
        """Its id among everything that is known of the commitment."""
        return offset_key(self.allocation_id) if self.is_offset else self.allocation_id

    @property
    def mark(self) -> str:
        """The mark of its row."""
        return mark_of(self.key)

    @property
    def origin_id(self) -> str | None:
        """The ``origin_id`` of its row, where the vault allows it."""
        return origin_id_of(self.key) if self.use_origin_id else None

    def in_doubt(self, now: datetime) -> bool:
        """Whether an absent row proves nothing yet."""
        return self.doubt_until is not None and now < self.doubt_until


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the listing shows of one allocation: its row, more rows of ours, or look-alikes."""

    row: Row | None = None
    proven: bool = True
    duplicates: tuple[Row, ...] = ()
    look_alikes: tuple[Row, ...] = ()


def recognise(known: Known, rows: list[Row]) -> Recognised:
    """Find an allocation's row: stored id, else ``origin_id`` or mark, else a look-alike of what was sent."""
    proven = [row for row in rows if _proves(known, row)]
    stored = next((row for row in rows if row.id == known.row_id), None)
    if stored is not None and not (known.proven or stored in proven):
        return Recognised(stored, proven=False, duplicates=tuple(proven))
    if stored is not None or proven:
        chosen = stored or min(proven, key=lambda row: row.id)
        return Recognised(chosen, duplicates=tuple(row for row in proven if row.id != chosen.id))
    alike = tuple(row for row in rows if _looks_like_sent(known, row))
    if len(alike) == 1:
        return Recognised(alike[0], proven=False)
    return Recognised(look_alikes=alike)


def _proves(known: Known, row: Row) -> bool:
    if row.mark is not None and row.mark == known.mark:
        return True
    return row.origin_id is not None and row.origin_id == known.origin_id


def _looks_like_sent(known: Known, row: Row) -> bool:
    if known.sent is None or known.intent_at is None or row.created_at is None or row.mark is not None:
        return False
    return (
        mark_in(known.sent.notes) == known.mark
        and row.requisition_id == known.sent.requisition_id
        and row.amount == known.sent.amount
        and row.date == known.sent.date
        and (row.check_number or None) == known.sent.check_number
        and row.created_at >= known.intent_at - CLOCKS_APART
    )
