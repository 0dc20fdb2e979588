"""The page docs/procore-mapping.md says exactly what the mapping does, member by member."""

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from drawbridge.contracts.invoices import InvoiceHeader, InvoiceLine, InvoiceSource
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.import_service.domain.content_errors import UnreadableInvoice
from drawbridge.import_service.domain.mapping import map_invoice
from drawbridge.import_service.domain.seeing import commitment_of, seen, vendor_of
from drawbridge.procore import Requisition, RequisitionItem, Summary
from tests.factories.requisitions import AROUND, raw_requisition

PAGE = Path(__file__).parents[3] / "docs/procore-mapping.md"
FATES = {"mapped", "looked up", "checked", "kept", "ignored"}
OWNERS: dict[str, type[BaseModel]] = {
    "header": InvoiceHeader,
    "line": InvoiceLine,
    "source": InvoiceSource,
    "row": ProcoreInvoice,
}
MODELS: dict[str, type[BaseModel]] = {"Header": Requisition, "Summary": Summary, "Lines": RequisitionItem}
_ROW = re.compile(r"\| `(\w+)` \| ([a-z ]+) \| (.+) \|")

CHANGED: dict[str, Any] = {
    "commitment_type": "PurchaseOrderContract",
    "invoice_type": "retainage_release",
    "currency_configuration": {"currency_iso_code": "CAD"},
    "item_type": "change_order_item",
    "wbs_code": {"flat_code": "99"},
    "taxes": [{"tax_code_id": 1, "tax_code_rate": "3"}],
    "summary": {"current_payment_due": "1.00"},
    "position": 99,
    "items": [],
    "attachments": [],
}
"""Values that mean something to a member; all others are changed by their kind."""


def _tables() -> dict[str, dict[str, tuple[str, str]]]:
    tables: dict[str, dict[str, tuple[str, str]]] = {}
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            tables[line.removeprefix("## ")] = {}
        elif found := _ROW.fullmatch(line):
            table = tables[list(tables)[-1]]
            assert found[1] not in table, f"{found[1]} stands there twice"
            table[found[1]] = (found[2], found[3])
    return tables


TABLES = _tables()


def _members(fates: set[str]) -> list[Any]:
    return [
        pytest.param(section, member, id=f"{section} {member}")
        for section in MODELS
        for member, (fate, _) in TABLES[section].items()
        if fate in fates
    ]


def _part(raw: dict[str, Any], section: str) -> dict[str, Any]:
    parts: dict[str, dict[str, Any]] = {"Header": raw, "Summary": raw["summary"], "Lines": raw["items"][0]}
    return parts[section]


def _other(member: str, value: object) -> object:
    if member in CHANGED:
        return CHANGED[member]
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case dict() | list():
            return [{"something": "else"}]
        case None:
            return 4711 if member.endswith("_id") and member != "origin_id" else "other"
    return _other_text(str(value))


def _other_text(text: str) -> str:
    if re.match(r"\d{4}-\d\d-\d\d", text):
        return "2020-01-02" + text[10:]
    try:
        return str(Decimal(text) + 1)
    except InvalidOperation:
        return f"{text} other"


def _made(raw: dict[str, Any]) -> tuple[object, object, object]:
    """Content, warnings and row that come of an original; the hash compares originals, so it is left out."""
    found = Requisition.read(raw)
    try:
        around = replace(AROUND, commitment=commitment_of(found, None, None), vendor=vendor_of(found, None))
        mapped = map_invoice(found, around)
        row = replace(seen(found, around, company_id=1), content_hash="", retainage=None, net_due=None)
    except UnreadableInvoice as error:
        return error.field, error.problem.message, None
    return mapped.content, mapped.warnings, row


def _effects(section: str, member: str) -> tuple[bool, bool]:
    """Whether another value of the member changes content or row, and whether it changes the warnings."""
    raw, changed = raw_requisition(), raw_requisition()
    part = _part(changed, section)
    part[member] = _other(member, part.get(member))
    assert part[member] != _part(raw, section).get(member)
    before, after = _made(raw), _made(changed)
    return (before[0], before[2]) != (after[0], after[2]), before[1] != after[1]


@pytest.mark.parametrize("section", MODELS)
def test_every_member_is_on_the_page_once(section: str) -> None:
    known = set(MODELS[section].model_fields) - {"raw"} | set(_part(raw_requisition(), section))
    assert set(TABLES[section]) == known


def test_every_fate_is_one_that_the_page_explains() -> None:
    assert {fate for table in TABLES.values() for fate, _ in table.values()} == FATES
    assert len(TABLES["Header"]) == 42
    assert len(TABLES["Summary"]) == 25


@pytest.mark.parametrize(("section", "member"), _members({"mapped", "looked up"}))
def test_what_is_mapped_names_where_it_goes(section: str, member: str) -> None:
    targets = re.findall(r"`(header|line|source|row)\.(\w+)`", TABLES[section][member][1])
    assert targets
    assert [name for owner, name in targets if name not in OWNERS[owner].model_fields] == []


@pytest.mark.parametrize(("section", "member"), _members({"mapped"}))
def test_what_is_mapped_changes_the_invoice_or_its_row(section: str, member: str) -> None:
    assert _effects(section, member)[0]


@pytest.mark.parametrize(("section", "member"), _members({"checked"}))
def test_what_is_checked_changes_the_warnings_only(section: str, member: str) -> None:
    assert _effects(section, member) == (False, True)


@pytest.mark.parametrize(("section", "member"), _members({"kept", "ignored"}))
def test_what_is_kept_or_ignored_changes_nothing(section: str, member: str) -> None:
    assert _effects(section, member) == (False, False)
