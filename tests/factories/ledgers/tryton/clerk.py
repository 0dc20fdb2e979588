"""The clerk of Tryton. Other times and broken records are written into its database behind its back."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal

from drawbridge.ledgers import LedgerSource
from tests.factories.ledgers.clerk import Part, VoidShape
from tests.factories.ledgers.tryton.desk import Desk
from tests.factories.ledgers.tryton.memory import Memory
from tests.factories.ledgers.tryton.office import Office

_BEFORE = "2026-01-02 09:00:00.000000"
_STAMPED = ("account_invoice", "account_move", "account_move_reconciliation")


class TrytonClerk:
    """Writes bills, checks through ``account.payment``, credit memos and write-offs."""

    void_shapes: frozenset[VoidShape] = frozenset({"state"})

    def __init__(self, desk: Desk, office: Office, memory: Memory, ledger: LedgerSource) -> None:
        self.ledger = ledger
        self.desk = desk
        self.office = office
        self.url = memory.server.url
        self._memory = memory
        self._file = memory.server.file

    async def bill(self, number: str, total: str, *, retainage: str = "0") -> str:
        del retainage  # Tryton knows none

        async def enter() -> str:
            bill = await self._invoice(number, Decimal(total))
            self._backdate()
            return str(bill)

        return await self._memory.once(("bill", number, total), enter)

    async def pay(
        self,
        number: int,
        parts: list[Part],
        *,
        day: date = date(2026, 3, 1),
        stamp: datetime | None = datetime(2026, 3, 1, 9),  # noqa: DTZ001  a ledger's local time
    ) -> None:
        async def enter() -> str:
            await self._pay(number, parts, day)
            self._backdate()
            return ""

        await self._memory.once(("pay", number, tuple(parts), day), enter)
        self._set("account_payment", "reference = ?", str(number), create_date=stamp, write_date=stamp)

    async def _pay(self, number: int, parts: list[Part], day: date) -> None:
        paid = [part for part in parts if Decimal(part.cash)]
        payments = [await self.request(part.bill_id, part.cash, str(number), day) for part in paid]
        if payments:
            await self.process(payments)
            await self.desk.call("account.payment.succeed", payments)
        for part in parts:
            if Decimal(part.discount) or Decimal(part.credit):
                await self.settle(part)

    async def request(self, bill_id: str, amount: str, number: str, day: date) -> int:
        """A payment that nobody has approved yet."""
        return await self.desk.create(
            "account.payment",
            company=self.office.company,
            journal=self.office.payment_journal,
            kind="payable",
            party=self.office.vendor,
            date=day,
            amount=Decimal(amount),
            line=await self.line_of(bill_id),
            reference=number,
        )

    async def process(self, payments: list[int]) -> None:
        """Approve them and put them into one check run."""
        await self.desk.call("account.payment.submit", payments)
        await self.desk.call("account.payment.approve", payments)
        await self.desk.wizard(
            "account.payment.process", ("process", {}), model="account.payment", records=payments
        )

    async def settle(self, part: Part) -> None:
        """Close a bill: with a credit memo, and write off what is left after it."""
        clearing = "account.payment"
        own = await self.line_of(part.bill_id)
        cleared = await self.desk.search(
            "account.move.line",
            ("move.origin.line", "=", own, clearing),
            ("account", "=", self.office.payable),
        )
        bill = await self.desk.read("account.invoice", int(part.bill_id), "payment_lines")
        lines = [own, *cleared, *bill["payment_lines"]]
        if Decimal(part.credit):
            memo = await self._invoice(f"CM-{part.bill_id}", -Decimal(part.credit))
            lines.append(await self.line_of(str(memo)))
        form = {"writeoff": {"writeoff": self.office.write_off, "date": date(2026, 3, 1)}}
        steps = [("reconcile", form)] if Decimal(part.discount) else [("reconcile", {})]
        await self.desk.wizard(
            "account.move.reconcile_lines", *steps, model="account.move.line", records=lines
        )

    async def void(self, number: int, shape: VoidShape, *, day: date, stamp: datetime) -> None:
        del shape, day  # it fails as of today
        payments = await self.desk.search("account.payment", ("reference", "=", str(number)))
        await self.desk.call("account.payment.fail", payments)
        self._set("account_payment", "reference = ?", str(number), write_date=stamp)

    async def pay_by_wizard(self, bill_id: str, amount: str, text: str = "") -> int:
        """Pay a part with the wizard of the bill; gives the move, for there is no payment."""
        form = {
            "payee": self.office.vendor,
            "amount": Decimal(amount),
            "currency": self.office.currency,
            "payment_method": self.office.payment_method,
            "date": date(2026, 3, 2),
            "description": text,
            "company": self.office.company,
        }
        ask = {"type": "partial", "amount": Decimal(amount), "invoice": int(bill_id), "lines": []}
        steps = [("choice", {"start": form}), ("pay", {"start": form, "ask": ask})]
        await self.desk.wizard("account.invoice.pay", *steps, model="account.invoice", records=[int(bill_id)])
        moves = await self.desk.search("account.move", ("origin", "=", f"account.invoice,{bill_id}"))
        return moves[-1]

    async def cancel_move(self, move: int) -> None:
        """Take an entry back with another, and answer yes to Tryton's question."""
        key = hashlib.md5(f"account.move,{move}".encode(), usedforsecurity=False).hexdigest()
        await self.desk.create("res.user.warning", user=1, name=f"{key}.cancel_invoice_move", always=False)
        form = {"default": {"description": "stopped", "reversal": True}}
        await self.desk.wizard("account.move.cancel", ("cancel", form), model="account.move", records=[move])

    async def line_of(self, bill_id: str) -> int:
        bill = await self.desk.read("account.invoice", int(bill_id), "lines_to_pay")
        return int(bill["lines_to_pay"][0])

    async def spoil(self, number: int) -> None:
        self._set("account_payment", "reference = ?", str(number), date=None)

    async def mend(self, number: int) -> None:
        self._set("account_payment", "reference = ?", str(number), date=date(2026, 3, 1))

    def damage(self, number: int, amount: str) -> None:
        """Give a check an amount that is none: Tryton itself fails when it reads the record."""
        self._set("account_payment", "reference = ?", str(number), amount=amount)

    def end_sessions(self) -> None:
        """As if nobody had asked for too long."""
        with closing(sqlite3.connect(self._file, timeout=30)) as books, books:
            books.execute("DELETE FROM ir_session")

    async def close(self) -> None:
        await self.ledger.close()
        await self.desk.close()

    async def _invoice(self, number: str, amount: Decimal) -> int:
        line = {
            "type": "line",
            "account": self.office.expense,
            "quantity": -1.0 if amount < 0 else 1.0,
            "unit_price": abs(amount),
            "currency": self.office.currency,
            "company": self.office.company,
        }
        bill = await self.desk.create(
            "account.invoice",
            type="in",
            company=self.office.company,
            party=self.office.vendor,
            invoice_address=self.office.address,
            currency=self.office.currency,
            account=self.office.payable,
            journal=self.office.expense_journal,
            reference=number,
            invoice_date=date(2026, 2, 28),
            payment_term=self.office.payment_term,
            lines=[("create", [line])],
        )
        await self.desk.call("account.invoice.post", [bill])
        return bill

    def _backdate(self) -> None:
        """Only payments carry the time that a test asks for."""
        for table in _STAMPED:
            self._set(table, "id > ?", "0", create_date=_BEFORE, write_date=_BEFORE)

    def _set(self, table: str, condition: str, value: str, **columns: object) -> None:
        names = ", ".join(f"{name} = ?" for name in columns)
        sent = [_text(each) for each in columns.values()]
        with closing(sqlite3.connect(self._file, timeout=30)) as books, books:
            books.execute(f"UPDATE {table} SET {names} WHERE {condition}", [*sent, value])  # noqa: S608  the test's own


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return None if value is None else str(value)
