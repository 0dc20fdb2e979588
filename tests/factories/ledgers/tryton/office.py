"""A contractor's office in Tryton: a company with accounts, journals and one vendor."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.factories.ledgers.clerk import VENDOR
from tests.factories.ledgers.tryton.desk import Desk

ROOT = "account.account_template_root_en"


@dataclass(frozen=True, slots=True)
class Office:
    """Ids of records that entries need; all books copied from one file have the same."""

    company: int
    currency: int
    vendor: int
    address: int
    payable: int
    expense: int
    expense_journal: int
    payment_journal: int
    payment_method: int
    payment_term: int
    write_off: int


async def open_office(desk: Desk) -> Office:
    """Set up everything as the first-run wizards would."""
    currency = await desk.create(
        "currency.currency",
        name="US Dollar",
        code="USD",
        symbol="$",
        digits=2,
        rounding=Decimal("0.01"),
        rates=[("create", [{"rate": Decimal(1), "date": date(2020, 1, 1)}])],
    )
    owner = await desk.create("party.party", name="Made-up Builders")
    company = await desk.create("company.company", party=owner, currency=currency)
    await desk.call("res.user.write", [1], {"companies": [("add", [company])], "company": company})
    desk.context["company"] = company
    await _chart(desk, company)
    await _year(desk, company)
    return await _records(desk, company, currency)


async def _account(desk: Desk, kind: str) -> int:
    return await desk.first("account.account", (f"type.{kind}", "=", True), ("closed", "!=", True))


async def _chart(desk: Desk, company: int) -> None:
    template = await desk.call("ir.model.data.get_id", ROOT)
    account = {"account": {"company": company, "account_template": template}}
    await desk.wizard("account.create_chart", ("create_account", account))
    defaults = {
        "company": company,
        "account_receivable": await _account(desk, "receivable"),
        "account_payable": await _account(desk, "payable"),
    }
    forms = {**account, "properties": defaults}
    await desk.wizard("account.create_chart", ("create_properties", forms))


async def _year(desk: Desk, company: int) -> None:
    async def sequence(kind: str) -> int:
        of_kind = await desk.first("ir.sequence.type", ("name", "=", kind))
        return await desk.create("ir.sequence.strict", name=kind, sequence_type=of_kind, company=company)

    bills = await sequence("Invoice")
    kinds = ("in_invoice", "out_invoice", "in_credit_note", "out_credit_note")
    sequences = {f"{kind}_sequence": bills for kind in kinds}
    # A year that is still open when the tests run: Tryton dates reconciliations and write-offs today.
    for year in sorted({2026, date.today().year}):  # noqa: DTZ011  as Tryton asks its own clock
        made = await desk.create(
            "account.fiscalyear",
            name=str(year),
            company=company,
            start_date=date(year, 1, 1),
            end_date=date(year, 12, 31),
            move_sequence=await sequence("Account Move"),
            invoice_sequences=[("create", [{"company": company, **sequences}])],
        )
        await desk.call("account.fiscalyear.create_period", [made])


async def _records(desk: Desk, company: int, currency: int) -> Office:
    cash = await desk.first("account.account", ("code", "=", "1.1.1"))
    cash_journal = await desk.first("account.journal", ("type", "=", "cash"))
    expense = await _account(desk, "expense")
    kind = (await desk.read("account.account", cash, "type"))["type"]
    outstanding = await desk.create(
        "account.account", name="Outstanding checks", type=kind, company=company, reconcile=True
    )
    vendor = await desk.create("party.party", name="Acme Steel", code=VENDOR, addresses=[("create", [{}])])
    accounts = {"credit_account": cash, "debit_account": cash}
    return Office(
        company=company,
        currency=currency,
        vendor=vendor,
        address=(await desk.read("party.party", vendor, "addresses"))["addresses"][0],
        payable=await _account(desk, "payable"),
        expense=expense,
        expense_journal=await desk.first("account.journal", ("type", "=", "expense")),
        payment_journal=await desk.create(
            "account.payment.journal",
            name="OPER",
            currency=currency,
            company=company,
            process_method="manual",
            clearing_account=outstanding,
            clearing_journal=cash_journal,
        ),
        payment_method=await desk.create(
            "account.invoice.payment.method", company=company, name="Cash", journal=cash_journal, **accounts
        ),
        payment_term=await desk.create(
            "account.invoice.payment_term", name="Direct", lines=[("create", [{"type": "remainder"}])]
        ),
        write_off=await desk.create(
            "account.move.reconcile.write_off",
            name="Discounts",
            company=company,
            journal=await desk.first("account.journal", ("type", "=", "write-off")),
            debit_account=expense,
            credit_account=expense,
        ),
    )
