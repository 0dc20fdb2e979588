"""A small Sage-100-shaped ledger in a real database, filled row by row."""

from datetime import date, datetime

import asyncpg

TABLES = """
CREATE SCHEMA dbo;
CREATE TABLE dbo.actpay (recnum integer PRIMARY KEY, shtnme text, vndnme text);
CREATE TABLE dbo.acpinv (
    _idnum bigint PRIMARY KEY, recnum bigint, invnum varchar(15), vndnum integer REFERENCES dbo.actpay,
    jobnum integer, invdte date, duedte date, status smallint, amtpad numeric(14, 2), invbal numeric(14, 2),
    invamt numeric(14, 2) DEFAULT 0, retain numeric(14, 2), insdte timestamp, upddte timestamp
);
CREATE TABLE dbo.acppmt (
    recnum bigint, _idref bigint, chknum text, chkdte date, amount numeric(14, 2), dsctkn numeric(14, 2),
    aplcrd numeric(14, 2), achbch text, lgrrec bigint, insdte timestamp, upddte timestamp
);
"""


class SageBooks:
    """Writes rows as Sage 100 Contractor would; times are the ledger's local ones."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def create(self) -> None:
        await self._connection.execute(TABLES)

    async def vendor(self, recnum: int, code: str | None, name: str = "Acme Steel") -> None:
        await self._connection.execute("INSERT INTO dbo.actpay VALUES ($1, $2, $3)", recnum, code, name)

    async def bill(
        self,
        bill_id: int,
        vendor: int,
        number: str | None,
        *,
        paid: str = "0",
        open_: str = "0",
        retain: str | None = None,
        status: int = 1,
    ) -> None:
        await self._connection.execute(
            "INSERT INTO dbo.acpinv (_idnum, recnum, invnum, vndnum, invdte, status, amtpad, invbal, retain)"
            " VALUES ($1::bigint, $1::bigint + 9000, $2, $3, '2026-02-28', $4,"
            " $5::text::numeric, $6::text::numeric, $7::text::numeric)",
            bill_id,
            number,
            vendor,
            status,
            paid,
            open_,
            retain,
        )

    async def payment(  # noqa: PLR0913  a row has columns
        self,
        bill_id: int,
        amount: str,
        *,
        check: str | None = "10423",
        day: date | None = date(2026, 3, 1),
        lgrrec: int | None = 700,
        ach: str | None = None,
        discount: str | None = None,
        credit: str | None = None,
        stamp: datetime | None = datetime(2026, 3, 1, 9, 0),  # noqa: DTZ001  Sage stamps carry no zone
    ) -> None:
        await self._connection.execute(
            "INSERT INTO dbo.acppmt (recnum, _idref, chknum, chkdte, amount, dsctkn, aplcrd, achbch, lgrrec,"
            " insdte, upddte) VALUES (1, $1, $2, $3, $4::text::numeric, $5::text::numeric,"
            " $6::text::numeric, $7, $8, $9, NULL)",
            bill_id,
            check,
            day,
            amount,
            discount,
            credit,
            ach,
            lgrrec,
            stamp,
        )

    async def execute(self, statement: str) -> None:
        await self._connection.execute(statement)
