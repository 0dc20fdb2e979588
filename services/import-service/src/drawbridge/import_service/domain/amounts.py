"""Reading amounts of one Procore invoice: `Decimal` all the way, rounded by one rule.

More non-zero decimals than the currency has are rounded half up with the warning ``rounded``; what Procore
sent is kept beside the invoice (product, "Invoice content").
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from drawbridge.contracts.invoices import Warned
from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.procore import UnreadableAmount, decimal_of, decimal_or_none

ZERO = Decimal(0)

_NO_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_RATE_DECIMALS = Decimal("0.00000001")
_LARGEST_AMOUNT = Decimal(10) ** 16
_NAMED_FIELDS = 5


def decimals_of(currency: str) -> int:
    """How many decimals amounts of an ISO 4217 currency have."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount with as many decimals as its currency has, rounded half up."""
    return amount.quantize(Decimal(1).scaleb(-decimals_of(currency)), rounding=ROUND_HALF_UP)


class AmountReader:
    """Reads the amounts of one invoice in one currency and remembers which it had to round.

    Every method raises `UnreadableInvoice` for what is no number.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._rounded: list[str] = []

    def required(self, raw: str | None, field: str) -> Decimal:
        """An amount that must be there."""
        return self._rounded_to_currency(_parsed(raw, field), field)

    def amount(self, raw: str | None, field: str) -> Decimal:
        """An amount; absent or blank is zero, because Procore leaves members out by contract kind."""
        return self._rounded_to_currency(_parsed_or_none(raw, field) or ZERO, field)

    def optional(self, raw: str | None, field: str) -> Decimal | None:
        """An amount that may be absent."""
        found = _parsed_or_none(raw, field)
        return None if found is None else self._rounded_to_currency(found, field)

    def rate(self, raw: str | None, field: str) -> Decimal | None:
        """A quantity, unit price or rate: at most eight decimals, independent of the currency."""
        found = _parsed_or_none(raw, field)
        if found is None:
            return None
        if abs(found) >= _LARGEST_AMOUNT:
            raise UnreadableInvoice(field, repr(raw), "a number of at most 16 digits")
        return found.quantize(_RATE_DECIMALS, rounding=ROUND_HALF_UP)

    def calculated(self, amount: Decimal) -> Decimal:
        """An amount of our own making, rounded without a warning."""
        return rounded(amount, self._currency)

    def warnings(self) -> Iterable[Warned]:
        """The warning ``rounded``, if anything was."""
        if not self._rounded:
            return ()
        shown = ", ".join(self._rounded[:_NAMED_FIELDS])
        more = len(self._rounded) - _NAMED_FIELDS
        others = f" and {more} more" if more > 0 else ""
        words = f"Rounded to the decimals of {self._currency}: {shown}{others}."
        return (Warned(code="rounded", message=words),)

    def _rounded_to_currency(self, amount: Decimal, field: str) -> Decimal:
        if abs(amount) >= _LARGEST_AMOUNT:
            raise UnreadableInvoice(field, str(amount), "an amount of at most 16 digits")
        result = rounded(amount, self._currency)
        if result != amount:
            self._rounded.append(field)
        return result


def _parsed(raw: str | None, field: str) -> Decimal:
    try:
        return decimal_of(raw, field)
    except UnreadableAmount as error:
        raise _unreadable(error) from error


def _parsed_or_none(raw: str | None, field: str) -> Decimal | None:
    try:
        return decimal_or_none(raw, field)
    except UnreadableAmount as error:
        raise _unreadable(error) from error


def _unreadable(error: UnreadableAmount) -> UnreadableInvoice:
    value = (error.value or "").strip()
    return UnreadableInvoice(error.field, repr(value[:60]) if value else "nothing")
