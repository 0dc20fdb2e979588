from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from prometheus_client import REGISTRY

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.ledgers import LedgerSource, open_ledger
from tests.factories.sage import SageBooks

URL = "DRAWBRIDGE_SECRET_LEDGER_URL"
COLUMNS = (
    "'p' AS payment_id, '1' AS number, DATE '2026-03-01' AS date, {method} AS method,"
    " NULL AS bank_account, 'posted' AS state, 'V' AS vendor_code, NULL AS payee, NULL AS joint_payee,"
    " NULL::timestamp AS changed_at, 'b' AS bill_id, {cash} AS cash, 0 AS discount, 0 AS credit,"
    " NULL AS reversal_key"
)


def own_preset(folder: Path, *, method: str = "'check'", cash: str = "1") -> str:
    path = folder / "own.yaml"
    rows = f"SELECT {COLUMNS.format(method=method, cash=cash)}"
    path.write_text(f'title: Own books\npayment_rows: "{rows}"\nbills: "SELECT 1 AS id"\n', encoding="utf-8")
    return str(path)


def opened(monkeypatch: pytest.MonkeyPatch, url: str, preset: str = "sage100") -> LedgerSource:
    monkeypatch.setenv(URL, url)
    return open_ledger({"preset": preset, "url": f"env:{URL}"})


def calls(outcome: str) -> float:
    labels = {"system": "ledger", "what": "Sage 100 Contractor", "outcome": outcome}
    return REGISTRY.get_sample_value("drawbridge_outside_calls_total", labels) or 0


async def test_check_passes_on_readable_books(ledger: LedgerSource) -> None:
    await ledger.check()
    assert ledger.name == "Sage 100 Contractor"


async def test_check_refuses_books_without_the_tables(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused) as caught:
        await opened(monkeypatch, postgres_database).check()
    assert caught.value.problem.code == "ledger_unreadable"
    assert "42P01" in caught.value.problem.message


async def test_unknown_database_is_a_wrong_login(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = urlunsplit(urlsplit(postgres_database)._replace(path="/no_such_books"))
    with pytest.raises(Refused) as caught:
        await opened(monkeypatch, url).check()
    assert caught.value.problem.code == "ledger_login"


async def test_unreachable_books_may_be_tried_again_and_hide_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Retryable) as caught:
        await opened(monkeypatch, "postgresql://clerk:made-up@127.0.0.1:1/books").check()
    assert caught.value.problem.code == "ledger_unreachable"
    assert "made-up" not in repr(caught.value.problem)


async def test_books_can_only_be_read(
    postgres_database: str, books: SageBooks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await books.execute("CREATE SEQUENCE dbo.counter")
    preset = own_preset(tmp_path, cash="nextval('dbo.counter')")
    with pytest.raises(Retryable) as caught:
        await opened(monkeypatch, postgres_database, preset).allocations_for(["b"])
    assert "25006" in caught.value.problem.message  # read_only_sql_transaction


async def test_own_preset_is_read_like_a_shipped_one(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ledger = opened(monkeypatch, postgres_database, own_preset(tmp_path, cash="12.50"))
    (facts,) = await ledger.allocations_for(["b"])
    assert (ledger.name, facts.payment.id, str(facts.allocations[0].cash)) == ("Own books", "p", "12.50")


@pytest.mark.parametrize(
    ("method", "cash"), [("'barter'", "1"), ("'check'", "'NaN'::numeric"), ("'check'", "'x'")]
)
async def test_row_that_fits_nothing_is_refused_by_its_id(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, method: str, cash: str
) -> None:
    ledger = opened(monkeypatch, postgres_database, own_preset(tmp_path, method=method, cash=cash))
    with pytest.raises(Refused) as caught:
        await ledger.allocations_for(["b"])
    assert caught.value.problem.code == "ledger_row"
    assert "'p'" in caught.value.problem.message


async def test_each_look_up_is_counted_with_whether_it_was_answered(
    ledger: LedgerSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = calls("ok"), calls("no_answer")
    await ledger.allocations_for(["1"])
    with pytest.raises(Retryable):
        await opened(monkeypatch, "postgresql://clerk@127.0.0.1:1/books").allocations_for(["1"])
    assert (calls("ok") - before[0], calls("no_answer") - before[1]) == (1, 1)
