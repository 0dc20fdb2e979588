"""From the wire through the client to the content: every amount and every identity holds to the cent."""

import asyncio
from decimal import Decimal

import httpx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drawbridge.contracts.invoices import InvoiceContent, InvoiceLine
from drawbridge.import_service.domain.mapping import Mapped, map_invoice
from drawbridge.procore import RequisitionItem
from tests.factories.procore import ScriptedProcore
from tests.factories.random_invoices import (
    CENT,
    LINES,
    ZERO,
    RandomInvoice,
    RandomLine,
    invoices,
    on_the_wire,
)
from tests.factories.requisitions import AROUND, raw_requisition


def _mapped(wire: bytes) -> Mapped:
    async def read() -> Mapped:
        procore = ScriptedProcore()
        procore.will_answer(httpx.Response(200, content=wire))
        async with procore.client() as client:
            return map_invoice(await client.requisition(11, 5), AROUND)

    return asyncio.run(read())


def _amounts(line: InvoiceLine) -> dict[str, Decimal]:
    names = ("work_this_period", "materials_stored", "retainage_held", "retainage_released", "tax", "net")
    return {name: getattr(line, name) for name in names}


def _expected(invoice: RandomInvoice, line: RandomLine) -> dict[str, Decimal]:
    return {
        "work_this_period": line.work,
        "materials_stored": line.materials,
        "retainage_held": sum(line.held, ZERO),
        "retainage_released": sum(line.released, ZERO),
        "tax": line.tax,
        "net": invoice.net(line),
    }


def _check_header(content: InvoiceContent, invoice: RandomInvoice) -> None:
    header, lines = content.header, invoice.lines
    assert header.net_due == invoice.due
    assert header.tax == invoice.tax
    assert header.gross == sum(line.work + line.materials for line in lines)
    assert header.retainage_held == sum(sum(line.held, ZERO) for line in lines)
    assert header.retainage_released == sum(sum(line.released, ZERO) for line in lines)


@settings(max_examples=60, deadline=None)
@given(invoices(), st.integers())
def test_every_amount_of_a_random_invoice_is_exact_and_its_identities_hold(
    invoice: RandomInvoice, notation: int
) -> None:
    mapped = _mapped(on_the_wire(invoice, notation))
    lines = mapped.content.lines
    assert [_amounts(line) for line in lines] == [_expected(invoice, line) for line in invoice.lines]
    assert [line.description for line in lines] == [line.description for line in invoice.lines]
    assert [line.quantity for line in lines] == [line.quantity for line in invoice.lines]
    _check_header(mapped.content, invoice)
    outside = invoice.tax if invoice.variant == "in_due_only" else ZERO
    assert sum(line.net for line in lines) + outside == mapped.content.header.net_due
    assert mapped.warnings == ()


@settings(max_examples=40, deadline=None)
@given(invoices(), st.integers(), st.sampled_from([CENT, -CENT]))
def test_one_cent_too_much_or_too_little_is_always_warned_of(
    invoice: RandomInvoice, notation: int, off: Decimal
) -> None:
    assume(invoice.tax == 0 or abs(invoice.tax) > 1)
    mapped = _mapped(on_the_wire(invoice, notation, due=invoice.due + off))
    assert mapped.content.header.net_due == invoice.due + off
    assert {warned.code for warned in mapped.warnings} == {"control_total"}
    assert {warned.difference for warned in mapped.warnings} == {off}
    about = [warned.message.partition(" = ")[0] for warned in mapped.warnings]
    assert about == ["current payment due", "net due", "net due"]


def test_random_invoices_have_every_member_and_eight_lines() -> None:
    item = raw_requisition()["items"][0]
    assert set(RequisitionItem.model_fields) - set(item) == {"detail_line_item_id"}
    assert LINES == 8
