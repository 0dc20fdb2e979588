"""A ledger that cannot be read says so in one sentence, and whether waiting helps."""

import asyncio
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from drawbridge.contracts.errors import DrawbridgeError, Refused, Retryable
from drawbridge.ledgers import LedgerSource
from drawbridge.ledgers.sql import engine
from tests.contract.ledgers.conftest import MariadbBooks, opened
from tests.contract.ledgers.reading import batches
from tests.factories.ledgers.own import own_preset
from tests.factories.ledgers.tables import Tables


async def codes(ledger: LedgerSource, kind: type[Refused | Retryable]) -> set[str]:
    """The codes that the ways of asking end with; each must end with this kind of error."""
    caught: list[DrawbridgeError] = []
    asked = (
        ledger.check(),
        ledger.allocations_for(["b"]),
        ledger.bills_of_vendors(["V"]),
        batches(ledger),
    )
    for each in asked:
        with pytest.raises(kind) as error:
            await each
        caught.append(error.value)
    await ledger.close()
    assert all(error.problem.advice for error in caught)
    assert not any("made-up" in repr(error.problem) for error in caught)
    return {error.problem.code for error in caught}


async def test_postgresql_that_refuses_the_login(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = urlunsplit(urlsplit(postgres_database)._replace(path="/no_such_books"))
    assert await codes(opened(monkeypatch, own_preset(tmp_path), url), Refused) == {"ledger_login"}


async def test_postgresql_that_is_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "postgresql://clerk:made-up@127.0.0.1:1/books"
    assert await codes(opened(monkeypatch, own_preset(tmp_path), url), Retryable) == {"ledger_unreachable"}


async def test_postgresql_without_the_tables(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = opened(monkeypatch, "sage300", postgres_database)
    assert await codes(ledger, Refused) == {"ledger_unreadable"}


@pytest.mark.mariadb
async def test_mariadb_that_refuses_the_login_or_the_database(
    at_mariadb: MariadbBooks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = await at_mariadb.fresh()
    for wrong in (url.replace("root@", "root:made-up@"), f"{url}_absent"):
        assert await codes(opened(monkeypatch, own_preset(tmp_path), wrong), Refused) == {"ledger_login"}


@pytest.mark.mariadb
async def test_mariadb_without_the_tables_and_one_that_is_away(
    at_mariadb: MariadbBooks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ledger = opened(monkeypatch, own_preset(tmp_path), await at_mariadb.fresh())
    assert await codes(ledger, Refused) == {"ledger_unreadable"}
    away = opened(monkeypatch, own_preset(tmp_path), "mysql://clerk:made-up@127.0.0.1:1/books")
    assert await codes(away, Retryable) == {"ledger_unreachable"}


@pytest.mark.mariadb
async def test_mariadb_books_can_only_be_read(
    at_mariadb: MariadbBooks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    preset = tmp_path / "writing.yaml"
    preset.write_text(
        "title: W\npayment_rows: SELECT 1\nbills: DELETE FROM bill RETURNING id\n", encoding="utf-8"
    )
    url = await at_mariadb.fresh()
    tables = Tables(url)
    await tables.execute("CREATE TABLE bill (id text)")
    await tables.insert("bill", id="B-1")
    ledger = opened(monkeypatch, str(preset), url)
    with pytest.raises(DrawbridgeError):
        await ledger.bills_of_vendors(["V"])
    await ledger.close()
    await tables.execute("UPDATE bill SET id = 'still there' WHERE id = 'B-1'")
    await tables.close()


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_database_that_never_answers_is_left_after_the_time_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1)

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    listener = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    ledger = opened(monkeypatch, own_preset(tmp_path), f"{scheme}://clerk:made-up@127.0.0.1:{port}/books")
    assert await codes(ledger, Retryable) == {"ledger_unreachable"}
    listener.close()


async def test_sqlite_file_that_is_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ledger = opened(monkeypatch, own_preset(tmp_path), f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert await codes(ledger, Retryable) == {"ledger_unreachable"}
    assert not (tmp_path / "none.sqlite").exists()


async def test_sqlite_file_that_is_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "books.sqlite"
    file.write_text("not a database, but long enough to be looked at " * 40, encoding="utf-8")
    ledger = opened(monkeypatch, own_preset(tmp_path), f"sqlite:///{file}")
    assert await codes(ledger, Refused) == {"ledger_unreadable"}


async def test_sqlite_without_the_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "books.sqlite"
    tables = Tables(f"sqlite:///{file}")
    await tables.execute("CREATE TABLE other (id text)")
    ledger = opened(monkeypatch, "sage300", f"sqlite:///{file}")
    assert await codes(ledger, Refused) == {"ledger_unreadable"}


async def test_sqlite_books_can_only_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "books.sqlite"
    await Tables(f"sqlite:///{file}").execute("CREATE TABLE bill (id text)")
    before = file.read_bytes()
    ledger = opened(monkeypatch, own_preset(tmp_path), f"sqlite:///{file}")
    assert await codes(ledger, Refused) == {"ledger_unreadable"}
    assert file.read_bytes() == before


async def test_preset_that_lacks_a_column_is_told_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, preset = tmp_path / "books.sqlite", tmp_path / "short.yaml"
    await Tables(f"sqlite:///{file}").execute("CREATE TABLE pay (id text)")
    preset.write_text(
        "title: Short\npayment_rows: SELECT id AS payment_id FROM pay\nbills: SELECT id FROM pay\n",
        encoding="utf-8",
    )
    with pytest.raises(Refused) as caught:
        await opened(monkeypatch, str(preset), f"sqlite:///{file}").check()
    assert caught.value.problem.code == "ledger_preset"
    assert "bank_account, bill_id, cash, " in caught.value.problem.message
