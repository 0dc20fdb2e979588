"""What the clerk reads of a processed invoice."""

from typing import Any

from drawbridge.sandbox.ledger.events import InvoiceProcessed


def event(header: dict[str, Any], overrides: dict[str, Any] | None = None) -> InvoiceProcessed:
    vendor = {"id": 562949955421313, "name": "Bluestone Concrete LLC"}
    return InvoiceProcessed.model_validate(
        {
            "vault_id": "main",
            "invoice_id": "one",
            "revision": 1,
            "header": {"vendor": vendor, "net_due": "10.00", "unheard_of": 1} | header,
            "overrides": overrides or {},
            "lines": [],
        }
    )


def test_vendor_code_given_by_people_goes_before_procores() -> None:
    coded = {"vendor": {"name": "Bluestone", "ledger_code": "V-1001"}}
    assert event(coded).vendor_code == "V-1001"
    assert event(coded, {"ledger_vendor_code": "V-2000"}).vendor_code == "V-2000"


def test_vendor_without_a_code_gets_one_from_procores_id() -> None:
    assert event({}).vendor_code == "P-562949955421313"


def test_blank_invoice_number_is_made_up_from_the_application_number() -> None:
    assert event({"invoice_number": "INV-7", "application_number": 3}).invoice_number == "INV-7"
    assert event({"invoice_number": "  ", "application_number": 3}).invoice_number == "APP-3"
    assert event({"invoice_number": None, "application_number": 4}).invoice_number == "APP-4"
