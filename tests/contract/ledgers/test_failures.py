"""A ledger that cannot be read says so in one sentence, and whether waiting helps."""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from drawbridge.contracts.errors import DrawbridgeError, Refused, Retryable
from drawbridge.ledgers import LedgerSource
from tests.contract.ledgers.conftest import opened
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
