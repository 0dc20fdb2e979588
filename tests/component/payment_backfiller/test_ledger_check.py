"""`python -m drawbridge.payment_backfiller ledger-check NAME`, as an operator types it."""

import asyncio
import sys
from pathlib import Path

from tests.factories.ledgers.own import OwnClerk, own_preset
from tests.factories.ledgers.tables import Tables

PACKAGE = "drawbridge.payment_backfiller"


async def check(folder: Path, name: str = "own") -> tuple[int | None, str, str]:
    environment = {
        "DRAWBRIDGE_SECRET_DATABASE_URL": "postgresql://payments:x@127.0.0.1:1/none",
        "DRAWBRIDGE_SECRET_AMQP_URL": "amqp://payments:x@127.0.0.1:1/",
        "DRAWBRIDGE_SECRET_BOOKS": f"sqlite:///{folder / 'books.sqlite'}",
        "DRAWBRIDGE_LEDGERS_FILE": str(folder / "ledgers.yaml"),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", PACKAGE, "ledger-check", name, env=environment, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def describe(folder: Path) -> None:
    (folder / "ledgers.yaml").write_text(
        f"ledgers:\n  own:\n    preset: {own_preset(folder)}\n    url: env:DRAWBRIDGE_SECRET_BOOKS\n",
        encoding="utf-8",
    )


async def seeded(folder: Path) -> Tables:
    describe(folder)
    tables = Tables(f"sqlite:///{folder / 'books.sqlite'}")
    await OwnClerk.create_tables(tables)
    await tables.insert("bill", id="B-1", vendor="V-1007", number="A-1", total=100.5, retainage=10)
    row = {"number": "1", "paid_on": "2026-03-01", "method": "check", "state": "posted", "vendor": "V-1007"}
    await tables.insert("pay", **row, payment_id="P-1", bill_id="B-1", cash=90.5, discount=0, credit=0)
    return tables


async def test_readable_ledger_shows_its_first_facts(tmp_path: Path) -> None:
    await seeded(tmp_path)
    code, out, err = await check(tmp_path)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Own books: 1 bills, 1 rows of payments.",
        "First bills:",
        "  B-1: V-1007 'A-1', 100.5 USD, 10 held",
        "First payments:",
        "  P-1: check 1 of 2026-03-01, posted",
        "    bill B-1: 90.5 cash, 0 discount, 0 credit",
        "Everything can be read.",
    ]


async def test_every_complaint_is_shown_and_ends_with_an_error(tmp_path: Path) -> None:
    tables = await seeded(tmp_path)
    await tables.execute("UPDATE pay SET method = 'barter'")
    code, out, _ = await check(tmp_path)
    assert code == 1
    assert "1 that cannot be read:" in out
    assert "The payment 'P-1' in the ledger cannot be read: method 'barter' is none of check" in out


async def test_ledger_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    describe(tmp_path)
    code, out, _ = await check(tmp_path)
    assert code == 1
    assert out.startswith("Own books could not be read (SQLITE_CANTOPEN).")
    assert len(out.splitlines()) == 1


async def test_unknown_ledger_is_refused_with_the_code_of_wrong_settings(tmp_path: Path) -> None:
    describe(tmp_path)
    code, _, err = await check(tmp_path, "other")
    assert code == 78
    assert "describes no ledger 'other'" in err
