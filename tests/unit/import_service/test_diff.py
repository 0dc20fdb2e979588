"""What differs between ours and Procore's, and what stays ours."""

from decimal import Decimal

from drawbridge.contracts.invoices import InvoiceContent, LineCoding
from drawbridge.import_service.domain.diff import differences, keep_coding
from drawbridge.import_service.domain.mapping import map_invoice
from tests.factories.requisitions import AROUND, requisition

CODED = LineCoding(ledger_account="5000", job="J-1")


def _content() -> InvoiceContent:
    return map_invoice(requisition(), AROUND).content


def _coded(content: InvoiceContent) -> InvoiceContent:
    """The content with its first line coded."""
    first = content.lines[0].model_copy(update={"coding": CODED})
    return content.model_copy(update={"lines": (first, *content.lines[1:])})


def test_equal_contents_differ_in_nothing() -> None:
    assert differences(_coded(_content()), _content()) == ()


def test_a_header_member_is_shown_as_both_texts() -> None:
    ours = _content()
    changed = ours.header.model_copy(update={"net_due": Decimal("1.50"), "invoice_number": None})
    found = {each.field: each for each in differences(ours, ours.model_copy(update={"header": changed}))}
    assert found.keys() == {"header.net_due", "header.invoice_number"}
    assert found["header.net_due"].procore == "1.50"
    assert found["header.invoice_number"].procore is None


def test_our_vendor_code_is_not_compared() -> None:
    ours = _content()
    vendor = ours.header.vendor.model_copy(update={"ledger_code": "V-2"})
    header = ours.header.model_copy(update={"vendor": vendor})
    assert differences(ours, ours.model_copy(update={"header": header})) == ()


def test_a_coded_line_that_is_gone_is_a_clash() -> None:
    ours = _coded(_content())
    fewer = ours.model_copy(update={"lines": ours.lines[1:]})
    found = [each for each in differences(ours, fewer) if each.procore is None]
    assert [each.clash for each in found] == [True]
    reverse = [each for each in differences(fewer, ours) if each.ours is None]
    assert [each.clash for each in reverse] == [False]


def test_a_changed_cost_code_clashes_only_on_a_coded_line() -> None:
    plain = _content()
    first = plain.lines[0].model_copy(update={"cost_code": "99-999"})
    changed = plain.model_copy(update={"lines": (first, *plain.lines[1:])})
    assert [each.clash for each in differences(plain, changed)] == [False]
    assert [each.clash for each in differences(_coded(plain), changed)] == [True]


def test_coding_follows_procores_line_id() -> None:
    ours = _coded(_content())
    reordered = _content().model_copy(update={"lines": tuple(reversed(_content().lines))})
    kept = keep_coding(ours, reordered)
    codings = {line.procore_line_id: line.coding for line in kept.lines}
    assert codings[ours.lines[0].procore_line_id] == CODED
    assert sum(coding == CODED for coding in codings.values()) == 1
