"""The base of every record read from Procore."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.procore.values import ProcoreId, Text, as_object


class Part(BaseModel):
    """A nested object of a record. Unknown members are ignored: Procore adds them without notice."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Record(Part):
    """A record with its full original: ``raw`` is what Procore sent, fractions as text."""

    id: ProcoreId
    raw: dict[str, Any] = Field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Self:
        """Build the record from Procore's JSON object; raises ``ValidationError`` without an id."""
        return cls.model_validate({**raw, "raw": raw})


class CurrencyConfiguration(Part):
    """The currency of a record; the exchange rate is text, as it came."""

    currency_iso_code: Text = None
    currency_exchange_rate: Text = None
    base_currency_iso_code: Text = None


Currency = Annotated[CurrencyConfiguration | None, as_object]
"""A record's ``currency_configuration``, if it has one."""
