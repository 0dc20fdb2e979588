"""What the contract of ledgers asks of each kind of books: a clerk who writes them as that ledger would."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

from drawbridge.ledgers import LedgerSource

VENDOR = "V-1007"

VoidShape = Literal["state", "same", "new", "gone"]
"""A state; negative rows under the same payment; negative rows under a new one; deletion."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a payment gives to one bill."""

    bill_id: str
    cash: str = "0"
    discount: str = "0"
    credit: str = "0"

    def negated(self) -> "Part":
        """The part that takes this one back."""
        cash, discount, credit = (str(-Decimal(each)) for each in (self.cash, self.discount, self.credit))
        return Part(self.bill_id, cash, discount, credit)


class Clerk(Protocol):
    """Writes bills and payments of the vendor `VENDOR`; days and stamps are the ledger machine's."""

    ledger: LedgerSource
    void_shapes: frozenset[VoidShape]

    async def bill(self, number: str, total: str, *, retainage: str = "0") -> str:
        """Enter a bill; gives its id."""
        ...

    async def pay(
        self, number: int, parts: list[Part], *, day: date = ..., stamp: datetime | None = ...
    ) -> None:
        """Write a check."""
        ...

    async def void(self, number: int, shape: VoidShape, *, day: date, stamp: datetime) -> None:
        """Take a check back."""
        ...

    async def spoil(self, number: int) -> None:
        """Make a check unreadable."""
        ...

    async def mend(self, number: int) -> None:
        """Make it readable again, without another stamp."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
