"""A copy of the tables of Sage 300 CRE, in PostgreSQL or SQLite."""

from datetime import date, datetime
from decimal import Decimal

from drawbridge.ledgers import LedgerSource
from tests.factories.ledgers.clerk import VENDOR, Part, VoidShape
from tests.factories.ledgers.tables import Tables

TABLES = (
    """CREATE TABLE APM_MASTER__INVOICE (
        Vendor varchar(10), Invoice varchar(15), Status varchar(20), Amount double precision,
        Tax double precision, Retainage double precision, Amount_Paid double precision,
        Discount_Taken double precision, Retainage_Held double precision, Retainage_Paid double precision,
        Misc_Deduction_Applied double precision, Invoice_Date date, Date_Stamp date, Time_Stamp time)""",
    """CREATE TABLE APM_MASTER__INVOICE_PAYMENT (
        Vendor varchar(10), Invoice varchar(15), Payment_ID double precision, Payment_Type varchar(20),
        Bank_Account varchar(10), "Check" numeric(10), Amount_Paid double precision,
        Tax_Paid double precision, Discount_Taken double precision, Discount_Lost double precision,
        Retainage_Held double precision, Retainage_Paid double precision,
        Misc_Deduction_Applied double precision, Paid_From_Open_Inv smallint,
        Payment_Memo varchar(60), Date_Stamp date, Time_Stamp time)""",
    """CREATE TABLE APT_CURRENT__TRANSACTION (
        Vendor varchar(10), Invoice varchar(15), Dist_Seq numeric(5), Run_Number numeric(10),
        Sequence_Number numeric(10), Payment_ID double precision, "Check" numeric(10),
        Transaction_Type varchar(20), Amount double precision, Retainage double precision,
        Discount double precision, Reference_Date date, Accounting_Date date, Date_Stamp date,
        Time_Stamp time)""",
)


class Sage300Clerk:
    """Stamps are dates; each payment has one AP transaction for each bill."""

    void_shapes: frozenset[VoidShape] = frozenset({"state", "new", "gone"})

    def __init__(self, tables: Tables, ledger: LedgerSource) -> None:
        self.ledger = ledger
        self.tables = tables
        self._parts: dict[int, list[Part]] = {}
        self._next_id = 700

    async def create(self) -> None:
        for statement in TABLES:
            await self.tables.execute(statement)

    async def bill(self, number: str, total: str, *, retainage: str = "0") -> str:
        await self.tables.insert(
            "APM_MASTER__INVOICE",
            Vendor=VENDOR,
            Invoice=number,
            Status="Open",
            Amount=float(total),
            Retainage=float(retainage),
            Amount_Paid=0.0,
            Invoice_Date=date(2026, 2, 28),
        )
        return f"{VENDOR}/{number}"

    async def pay(
        self,
        number: int,
        parts: list[Part],
        *,
        day: date = date(2026, 3, 1),
        stamp: datetime | None = datetime(2026, 3, 1, 9),  # noqa: DTZ001  a ledger's local time
    ) -> None:
        self._parts[number] = parts
        await self._rows(number, parts, day, stamp, "Check")

    async def _rows(
        self, number: int, parts: list[Part], day: date, stamp: datetime | None, kind: str
    ) -> None:
        self._next_id += 1
        for part in parts:
            key = {
                "Vendor": VENDOR,
                "Invoice": part.bill_id.split("/")[1],
                "Payment_ID": float(self._next_id),
            }
            stamped = stamp and stamp.date()
            await self.tables.insert(
                "APM_MASTER__INVOICE_PAYMENT",
                **key,
                Payment_Type=kind,
                Bank_Account="OPER",
                **{'"Check"': Decimal(number)},
                Amount_Paid=float(part.cash),
                Discount_Taken=float(part.discount),
                Misc_Deduction_Applied=float(part.credit),
                Date_Stamp=stamped,
            )
            await self.tables.insert(
                "APT_CURRENT__TRANSACTION",
                **key,
                Transaction_Type="Payment",
                Reference_Date=day,
                Amount=float(part.cash),
                Date_Stamp=stamped,
            )

    async def void(self, number: int, shape: VoidShape, *, day: date, stamp: datetime) -> None:
        if shape == "new":
            await self._rows(number, [part.negated() for part in self._parts[number]], day, stamp, "Check")
        elif shape == "state":
            await self.tables.execute(
                "INSERT INTO APT_CURRENT__TRANSACTION"
                " (Vendor, Invoice, Payment_ID, Transaction_Type, Reference_Date, Date_Stamp)"
                " SELECT Vendor, Invoice, Payment_ID, 'Void payment', :day, :stamp"
                ' FROM APM_MASTER__INVOICE_PAYMENT WHERE "Check" = :number',
                number=Decimal(number),
                day=day,
                stamp=stamp.date(),
            )
        else:
            await self.tables.execute(
                'DELETE FROM APM_MASTER__INVOICE_PAYMENT WHERE "Check" = :number', number=Decimal(number)
            )

    async def spoil(self, number: int) -> None:
        await self.tables.execute(
            'UPDATE APM_MASTER__INVOICE_PAYMENT SET Misc_Deduction_Applied = :odd WHERE "Check" = :number',
            odd="a lot" if self.tables.sqlite else float("nan"),
            number=Decimal(number),
        )

    async def mend(self, number: int) -> None:
        await self.tables.execute(
            'UPDATE APM_MASTER__INVOICE_PAYMENT SET Misc_Deduction_Applied = 0 WHERE "Check" = :number',
            number=Decimal(number),
        )

    async def close(self) -> None:
        await self.ledger.close()
        await self.tables.close()
