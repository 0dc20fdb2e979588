"""Small rules: duplicates, projects of vaults, the public announcement."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from drawbridge.contracts.invoices import Invoice, InvoiceSource, LedgerReference, Overrides
from drawbridge.contracts.vaults import VaultSettings
from drawbridge.import_service.domain import ap_invoice
from drawbridge.import_service.domain.content_errors import DuplicateInvoice
from drawbridge.import_service.domain.duplicates import comparable_number, guard_duplicate
from drawbridge.import_service.domain.mapping import map_invoice
from drawbridge.import_service.domain.project_selection import selects
from tests.factories.imports import vault_settings
from tests.factories.requisitions import AROUND, requisition

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("number", [None, "", "   "])
def test_blank_numbers_never_compare(number: str | None) -> None:
    assert comparable_number(number) is None


def test_numbers_compare_without_case_and_outer_blanks() -> None:
    assert comparable_number(" inv-1 ") == comparable_number("INV-1")


def test_a_duplicate_is_a_warning_or_an_error_by_setting() -> None:
    header = map_invoice(requisition(), AROUND).content.header
    warned = guard_duplicate(header, vault_settings(1))
    assert warned.code == "duplicate_invoice_number"
    assert (header.invoice_number or "?") in warned.message
    with pytest.raises(DuplicateInvoice):
        guard_duplicate(header, vault_settings(1, duplicate_guard="error"))


def _vaults(**projects: object) -> dict[str, VaultSettings]:
    return {name: vault_settings(1, projects=chosen) for name, chosen in projects.items()}


def test_rest_is_what_no_other_active_vault_lists() -> None:
    vaults = _vaults(a=[1, 2], b="rest")
    assert [selects("b", vaults["b"], vaults, project) for project in (1, 3)] == [False, True]
    assert selects("b", vaults["b"], {"b": vaults["b"]}, 1)


def test_a_project_listed_twice_goes_to_the_first_vault() -> None:
    vaults = _vaults(a=[1], b=[1, 2])
    assert selects("a", vaults["a"], vaults, 1)
    assert not selects("b", vaults["b"], vaults, 1)
    assert selects("b", vaults["b"], vaults, 2)
    assert not selects("a", vaults["a"], vaults, 2)


def _processed(**changes: object) -> Invoice:
    content = map_invoice(requisition(), AROUND).content
    source = InvoiceSource(
        company_id=1,
        project_id=2,
        commitment_id=3,
        requisition_id=4,
        updated_at=None,
        content_hash="h",
        imported_by="kim",
        imported_at=NOW,
        how="manual",
    )
    blank = ap_invoice.blank(uuid4(), "kim", NOW)
    filled = ap_invoice.filled(blank, content, source, ()).model_copy(update=changes)
    return ap_invoice.processed(filled, filled.ledger, "kim", NOW)


def test_a_code_on_the_invoice_wins_over_the_vendor_map() -> None:
    plain = ap_invoice.announcement("main", _processed())
    assert plain.header.vendor.ledger_code == "V-1"
    overridden = _processed(overrides=Overrides(ledger_vendor_code="V-2"))
    assert ap_invoice.announcement("main", overridden).header.vendor.ledger_code == "V-2"
    given = _processed(
        overrides=Overrides(ledger_vendor_code="V-2"), ledger=LedgerReference(ledger_vendor_code="V-3")
    )
    assert ap_invoice.announcement("main", given).header.vendor.ledger_code == "V-3"


def test_each_processing_is_a_new_revision() -> None:
    invoice = _processed()
    assert invoice.revision == 1
    assert ap_invoice.processed(invoice, invoice.ledger, "kim", NOW).revision == 2
