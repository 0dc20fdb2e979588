"""The sample ledger on a real PostgreSQL: bills, checks, voids."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from drawbridge.sandbox.ledger import Books, create_clerk, create_tables, list_payments, post_bill
from drawbridge.sandbox.ledger.events import InvoiceProcessed


@pytest_asyncio.fixture
async def books(postgres_database: str) -> AsyncIterator[Books]:
    async with Books.open(postgres_database) as opened:
        yield opened


@pytest_asyncio.fixture
async def counter(books: Books) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_clerk(books))
    async with httpx.AsyncClient(transport=transport, base_url="http://clerk.test") as http:
        yield http


def processed(
    invoice: str = "one",
    *,
    revision: int = 1,
    vendor: str = "V-1001",
    **header: Any,  # noqa: ANN401 - any JSON
) -> InvoiceProcessed:
    given = {
        "vendor": {"id": 1, "name": f"Vendor {vendor}", "ledger_code": vendor},
        "project_number": "24-101",
        "invoice_number": f"INV-{invoice}",
        "application_number": 3,
        "billing_date": "2026-11-02",
        "due_date": "2026-12-02",
        "net_due": "1000.00",
    }
    return InvoiceProcessed.model_validate(
        {"vault_id": "main", "invoice_id": invoice, "revision": revision, "header": given | header}
    )


async def rows(books: Books, sql: str) -> list[asyncpg.Record]:
    async with books.transaction() as connection:
        return await connection.fetch(sql)


async def the_bill(counter: httpx.AsyncClient, invoice: str = "one") -> dict[str, Any]:
    (bill,) = (await counter.get("/bills", params={"invoice_id": invoice})).json()
    found: dict[str, Any] = bill
    return found


async def write(
    counter: httpx.AsyncClient,
    number: str,
    *pays: dict[str, Any],
    **more: Any,  # noqa: ANN401 - any JSON
) -> httpx.Response:
    check = {"check_number": number, "date": "2026-11-20", "pays": list(pays), **more}
    return await counter.post("/checks", json=check)


async def test_tables_can_be_created_twice(books: Books, postgres_database: str) -> None:
    await create_tables(postgres_database)
    await create_tables(postgres_database.replace("postgresql://", "postgresql+asyncpg://"))
    assert await rows(books, "SELECT * FROM dbo.acpinv") == []


async def test_bill_has_sages_shape_and_traps(books: Books) -> None:
    bill_id = await post_bill(books, processed(invoice_number="INVOICE-2026-000123"))
    (row,) = await rows(books, "SELECT * FROM dbo.acpinv")
    assert (row["_idnum"], row["invnum"], row["jobnum"]) == (bill_id, "INVOICE-2026-00", 24101)
    assert (row["invamt"], row["amtpad"], row["invbal"]) == (0, 0, Decimal("1000.00"))
    assert row["recnum"] != row["_idnum"]
    assert row["insdte"].tzinfo is None
    (vendor,) = await rows(books, "SELECT * FROM dbo.actpay")
    assert (vendor["recnum"], vendor["shtnme"]) == (row["vndnum"], "V-1001")


async def test_repeats_and_older_revisions_change_nothing(books: Books) -> None:
    first = await post_bill(books, processed(revision=2))
    assert await post_bill(books, processed(revision=2)) == first
    assert await post_bill(books, processed(revision=1, net_due="5.00")) == first
    (row,) = await rows(books, "SELECT * FROM dbo.acpinv")
    assert row["invbal"] == Decimal("1000.00")


async def test_higher_revision_replaces_the_bill_and_keeps_what_is_paid(
    books: Books, counter: httpx.AsyncClient
) -> None:
    bill_id = await post_bill(books, processed())
    await write(counter, "501", {"bill_id": bill_id, "amount": "400.00"})
    assert await post_bill(books, processed(revision=2, net_due="900.00")) == bill_id
    bill = await the_bill(counter)
    assert (bill["total"], bill["paid"], bill["balance"], bill["revision"]) == (
        "900.00",
        "400.00",
        "500.00",
        2,
    )


async def test_part_payments_add_up_until_the_bill_is_paid(books: Books, counter: httpx.AsyncClient) -> None:
    bill_id = await post_bill(books, processed())
    await write(counter, "501", {"bill_id": bill_id, "amount": "400.00"})
    assert ((await the_bill(counter))["status"], (await the_bill(counter))["balance"]) == (1, "600.00")
    answer = await write(counter, "502", {"bill_id": bill_id, "discount": "20.00"})
    assert answer.json()["total"] == "580.00"
    bill = await the_bill(counter)
    assert (bill["status"], bill["total"], bill["balance"]) == (4, "1000.00", "0.00")


async def test_one_check_over_several_bills_has_one_ledger_record(
    books: Books, counter: httpx.AsyncClient
) -> None:
    ids = [await post_bill(books, processed(name)) for name in ("one", "two")]
    answer = await write(counter, "501", *({"bill_id": bill_id} for bill_id in ids))
    assert (answer.status_code, answer.json()["total"]) == (201, "2000.00")
    payments = (await counter.get("/payments")).json()
    assert [payment["bill_id"] for payment in payments] == ids
    assert {payment["ledger_record"] for payment in payments} == {answer.json()["ledger_record"]}


@pytest.mark.parametrize(("shape", "left"), [("delete", []), ("reversal", ["1000.00", "-1000.00"])])
async def test_voided_check_leaves_its_bill_open_again(
    books: Books, counter: httpx.AsyncClient, shape: str, left: list[str]
) -> None:
    bill_id = await post_bill(books, processed())
    await write(counter, "501", {"bill_id": bill_id})
    assert (await counter.post("/checks/501/void", json={"shape": shape})).status_code == 200
    bill = await the_bill(counter)
    assert (bill["status"], bill["paid"], bill["balance"]) == (1, "0.00", "1000.00")
    assert [str(payment["amount"]) for payment in await list_payments(books)] == left
    assert (await counter.post("/checks/501/void", json={"shape": shape})).status_code == 404
    assert (await write(counter, "501", {"bill_id": bill_id})).status_code == 201


async def test_clerk_refuses_what_cannot_be_written(books: Books, counter: httpx.AsyncClient) -> None:
    ours = await post_bill(books, processed())
    theirs = await post_bill(books, processed("two", vendor="V-1002"))
    assert (await write(counter, "501", {"bill_id": 1})).status_code == 404
    mixed = await write(counter, "501", {"bill_id": ours}, {"bill_id": theirs})
    assert (mixed.status_code, "one vendor" in mixed.json()["message"].lower()) == (422, True)
    assert (await write(counter, "501", {"bill_id": ours, "amount": "1.00"})).status_code == 201
    assert (await write(counter, "501", {"bill_id": ours, "amount": "1.00"})).status_code == 409
    other_bank = await write(counter, "501", {"bill_id": ours, "amount": "1.00"}, bank="1020")
    assert other_bank.status_code == 201
    assert len(await list_payments(books)) == 2


async def test_electronic_payments_carry_their_batch(books: Books, counter: httpx.AsyncClient) -> None:
    bill_id = await post_bill(books, processed())
    await write(counter, "ACH-9", {"bill_id": bill_id}, ach_batch=88)
    assert [payment["ach_batch"] for payment in await list_payments(books)] == [88]


async def test_zero_and_negative_bills_are_posted(books: Books, counter: httpx.AsyncClient) -> None:
    await post_bill(books, processed("zero", net_due="0.00"))
    credit = await post_bill(books, processed("credit", net_due="-250.00"))
    assert (await the_bill(counter, "zero"))["status"] == 4
    await write(counter, "501", {"bill_id": credit})
    assert (await the_bill(counter, "credit"))["balance"] == "0.00"


async def test_bills_can_be_posted_over_the_counter(counter: httpx.AsyncClient) -> None:
    answer = await counter.post("/bills", json=processed().model_dump(mode="json"))
    assert answer.json() == {"bill_id": (await the_bill(counter))["bill_id"]}
    assert (await counter.get("/readyz")).json() == {"status": "ready"}
