"""From an entry of the deployment's ledgers file to a ledger that can be read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.drop.ledger import DropLedger
from drawbridge.ledgers.drop.place import Place
from drawbridge.ledgers.source import LedgerSource
from drawbridge.ledgers.sql.address import ledger_address
from drawbridge.ledgers.sql.ledger import SqlLedger
from drawbridge.ledgers.sql.preset import load_preset
from drawbridge.ledgers.tryton.address import tryton_address
from drawbridge.ledgers.tryton.books import TrytonBooks
from drawbridge.ledgers.tryton.client import TrytonClient
from drawbridge.ledgers.tryton.ledger import TrytonLedger
from drawbridge.runtime import utc_now
from drawbridge.runtime.secrets import resolve_secret

_ADVICE = (
    "An entry has preset and url (a secret reference), or tryton (a secret reference) and perhaps company, or"
    " folder and, where that is a URL, books; and time_zone (such as America/Denver) and currency."
)


class LedgerConfig(BaseModel):
    """One entry of the ledgers file.

    Either ``preset`` and ``url``, or ``tryton``, or ``folder`` for dropped files: a path, or a URL that
    fsspec knows, with ``books`` for what was taken from it. ``url`` and ``tryton`` refer to secrets
    (``env:DRAWBRIDGE_SECRET_…`` or ``file:…``): a database URL, or the address of a Tryton database with
    user and password. ``company`` is the id of one of several companies in it.
    ``time_zone`` is where the ledger's machine stands: its time stamps carry no zone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str = ""
    url: str = ""
    tryton: str = ""
    company: int | None = Field(default=None, gt=0)
    folder: str = ""
    books: Path | None = None
    time_zone: ZoneInfo = ZoneInfo("UTC")
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")

    @field_validator("time_zone", mode="before")
    @classmethod
    def _known_zone(cls, value: object) -> ZoneInfo:
        try:
            return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
        except (OSError, ValueError, KeyError):
            raise ValueError("there is no such time zone") from None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [bool(self.preset or self.url), bool(self.tryton), bool(self.folder)]
        if kinds.count(True) != 1 or bool(self.preset) != bool(self.url):
            raise ValueError("it needs either preset and url, or tryton, or folder")
        if self.company and not self.tryton:
            raise ValueError("company belongs to tryton")
        if self.books and not self.folder:
            raise ValueError("books belongs to folder")
        return self


def open_ledger(config: Mapping[str, object]) -> LedgerSource:
    """Open the ledger that an entry describes; nothing is connected before the first reading.

    Raises:
        Refused: ``ledger_settings``, ``ledger_preset`` or ``secret_reference``: what is wrong in the entry.
    """
    try:
        entry = LedgerConfig.model_validate(dict(config))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "entry"
        raise Refused(
            "ledger_settings", f"The ledger's {where} is not right: {first['msg']}.", _ADVICE
        ) from None
    if entry.folder:
        return _drop(entry)
    if entry.tryton:
        client = TrytonClient(tryton_address(resolve_secret(entry.tryton)))
        return TrytonLedger(TrytonBooks(client, entry.company), entry.time_zone, entry.currency)
    preset = load_preset(entry.preset)
    return SqlLedger(ledger_address(resolve_secret(entry.url)), preset, entry.time_zone, entry.currency)


def _drop(entry: LedgerConfig) -> DropLedger:
    try:
        return DropLedger(Place(entry.folder), entry.currency, utc_now, entry.books)
    except (ValueError, ImportError) as error:
        raise Refused(
            "ledger_settings",
            f"The drop folder cannot be used: {error}.",
            "Name a path, or a URL such as s3://bucket/drops and a local folder as books.",
        ) from None
