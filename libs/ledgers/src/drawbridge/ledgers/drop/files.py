"""One dropped file: its rows, or what is wrong with it by row number."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import PurePath
from typing import TextIO

from pydantic import BaseModel, ValidationError

from drawbridge.ledgers.drop.lines import BillLine, PaymentLine

_MODELS: Mapping[str, type[BaseModel]] = {"payments": PaymentLine, "bills": BillLine}
_MOST_COMPLAINTS = 100


@dataclass(frozen=True, slots=True)
class Parsed:
    """The rows of a file; with complaints nothing of it may be taken."""

    payments: tuple[PaymentLine, ...]
    bills: tuple[BillLine, ...]
    complaints: tuple[str, ...]


def parse(name: str, content: bytes) -> Parsed:
    """Read a file named ``payments….csv``, ``bills….json`` and so on.

    Rows are counted as a spreadsheet counts them: the first row after a CSV's header is row 2. In JSON the
    first object is row 1.
    """
    model = next((found for start, found in _MODELS.items() if name.startswith(start)), None)
    if model is None:
        return Parsed((), (), ("the name begins with neither payments nor bills",))
    lines: list[BaseModel] = []
    complaints: list[str] = []
    try:
        for number, row in _rows(name, content):
            try:
                lines.append(model.model_validate(row))
            except ValidationError as error:
                complaints += [f"row {number}: {each}" for each in _reasons(error)]
            if len(complaints) >= _MOST_COMPLAINTS:
                break
    except (ValueError, csv.Error) as error:
        complaints.append(f"the file cannot be read: {error}")
    payments = tuple(line for line in lines if isinstance(line, PaymentLine))
    bills = tuple(line for line in lines if isinstance(line, BillLine))
    return Parsed(payments, bills, tuple(complaints))


def _rows(name: str, content: bytes) -> Iterator[tuple[int, object]]:
    text = StringIO(content.decode("utf-8-sig"), newline="")
    return _csv_rows(text) if PurePath(name).suffix == ".csv" else _json_rows(text)


def _csv_rows(text: TextIO) -> Iterator[tuple[int, object]]:
    for number, row in enumerate(csv.DictReader(text, strict=True), start=2):
        if None in row:
            raise ValueError(f"row {number} has more cells than the header")
        yield number, {name: cell for name, cell in row.items() if cell and cell.strip()}


def _json_rows(text: TextIO) -> Iterator[tuple[int, object]]:
    content = json.load(text, parse_float=Decimal)
    if not isinstance(content, list):
        raise ValueError("it is no list of objects")  # noqa: TRY004  a file's content, not a programming error
    for number, row in enumerate(content, start=1):
        if isinstance(row, dict):
            row = {name: value for name, value in row.items() if value is not None}  # noqa: PLW2901  as a blank cell
        yield number, row


def _reasons(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_context=False):
        where = ".".join(map(str, each["loc"]))
        yield f"{where}: {each['msg'].lower()}" if where else each["msg"].lower()
