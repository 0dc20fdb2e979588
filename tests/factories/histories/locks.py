"""Rows of ours that another connector has taken over in Procore, which neither changes nor removes them."""

import random
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from drawbridge.payment_backfiller.domain.allocation import mark_in, mark_of, offset_key
from drawbridge.sandbox.procore import Procore
from drawbridge.sandbox.procore.payments import sync_with_erp
from drawbridge.sandbox.procore.state import PaymentRow
from tests.factories.histories.books import ZERO


@dataclass
class Locks:
    """``locked``: the allocation of each such row; ``allocations``: all that there ever were."""

    procore: Procore
    rng: random.Random
    created_by: str
    locked: dict[int, UUID] = field(default_factory=dict)
    allocations: set[UUID] = field(default_factory=set)

    def lock(self) -> None:
        """Let the other connector take over a row of ours."""
        marks = {mark_of(each): each for each in self.allocations}
        free = [
            row for row in self._rows() if row.public["id"] not in self.locked and self._mark(row) in marks
        ]
        if free:
            row = self.rng.choice(free)
            sync_with_erp(row)
            self.locked[row.public["id"]] = marks[self._mark(row)]

    def tidy(self, kept: Container[UUID]) -> None:
        """A person removes a locked row, or its offset; ``kept``: what somebody else still knows of."""
        for allocation in sorted(self.locked.values()):
            pair = (mark_of(allocation), mark_of(offset_key(allocation)))
            rows = [row for row in self._rows() if self._mark(row) in pair]
            if rows and allocation in kept:
                gone = self.rng.choice(rows).public["id"]
                del self.procore.payments[gone]
                self.locked.pop(gone, None)
                return

    def expected(self, wanted: dict[UUID, Decimal]) -> Counter[tuple[str, Decimal]]:
        """What should come of each allocation in Procore, given what the ledger wants there."""
        amounts = dict(wanted)
        if not self.procore.negative_payments:
            amounts = {each: cash for each, cash in amounts.items() if cash > 0}
        for row_id, allocation in self.locked.items():
            if allocation in wanted or not self.procore.negative_payments:
                amounts[allocation] = Decimal(self.procore.payments[row_id].public["amount"])
        return Counter((mark_of(each), amount) for each, amount in amounts.items())

    def found(self) -> Counter[tuple[str, Decimal]]:
        """What does: each row of ours together with its offset."""
        offsets = {mark_of(offset_key(each)): mark_of(each) for each in self.allocations}
        sums: dict[str, Decimal] = {}
        for row in self._rows():
            mark = self._mark(row)
            mark = offsets.get(mark, mark)
            sums[mark] = sums.get(mark, ZERO) + Decimal(row.public["amount"])
        return Counter((mark, amount) for mark, amount in sums.items() if amount)

    def doubled(self) -> list[str]:
        """Marks that more than one row bears."""
        return [mark for mark, count in Counter(map(self._mark, self._rows())).items() if count > 1]

    def offset(self) -> int:
        """How many rows stand beside their offsets at the end."""
        offsets = {mark_of(offset_key(each)) for each in self.allocations}
        return sum(self._mark(row) in offsets for row in self._rows())

    def _rows(self) -> list[PaymentRow]:
        return [row for row in self.procore.payments.values() if row.created_by == self.created_by]

    def _mark(self, row: PaymentRow) -> str:
        return mark_in(row.public["notes"]) or ""
