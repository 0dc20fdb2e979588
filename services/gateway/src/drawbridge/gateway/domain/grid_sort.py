"""How the grid is sorted, and the cursor of a row in each order."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from drawbridge.contracts.values import Value
from drawbridge.gateway.domain.cursors import pack, unpack
from drawbridge.gateway.domain.refusals import Invalid

SortName = Literal["billing_date", "updated_at", "vendor", "net_due"]
Order = Literal["asc", "desc"]
type SortKey = date | datetime | str | Decimal

_NATURAL: dict[SortName, Order] = {
    "billing_date": "desc",
    "updated_at": "desc",
    "vendor": "asc",
    "net_due": "desc",
}


class Place(Value):
    """Where a row stands in the grid: its sort key, and its requisition id among equal ones."""

    key: date | datetime | str | Decimal
    requisition_id: int


class Sort(Value):
    """A column and a direction."""

    name: SortName = "billing_date"
    order: Order = "desc"

    @classmethod
    def by(cls, name: SortName, order: Order | None = None) -> "Sort":
        """The column in its natural direction, or in the other: latest and largest first, vendors from A."""
        return cls(name=name, order=order or _NATURAL[name])

    def cursor(self, key: SortKey, requisition_id: int) -> str:
        """The cursor of a row."""
        text = key.isoformat() if isinstance(key, date) else str(key)
        return pack([self.name, self.order, text, requisition_id])

    def place(self, cursor: str) -> Place:
        """The row that a cursor names.

        Raises:
            Invalid: ``bad_cursor``, when it is of another list or another order.
        """
        name, order, text, requisition_id = unpack(cursor, str, str, str, int)
        try:
            if (name, order) == (self.name, self.order):
                return Place.model_construct(key=self._read(str(text)), requisition_id=int(requisition_id))
        except (ValueError, InvalidOperation):
            pass
        raise Invalid(
            "bad_cursor", "This cursor is not from this list in this order.", "Begin again without a cursor."
        )

    def _read(self, text: str) -> SortKey:
        if self.name == "billing_date":
            return date.fromisoformat(text)
        if self.name == "updated_at":
            return _aware(datetime.fromisoformat(text))
        if self.name == "net_due":
            return _finite(Decimal(text))
        return _storable(text)


LATEST = Sort()
"""The order of a grid that nobody sorted: the latest billing date first."""


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


def _finite(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise ValueError("no amount")
    return amount


def _storable(text: str) -> str:
    """The text, if it is UTF-8 without NUL; encoding raises a ValueError, too."""
    if b"\x00" in text.encode():
        raise ValueError("no text that PostgreSQL can hold")
    return text
