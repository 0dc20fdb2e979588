import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers.sql import address
from drawbridge.ledgers.sql.address import ledger_address


def chosen(url: str) -> str:
    return ledger_address(SecretStr(url)).get_secret_value()


def test_driver_is_chosen_whatever_the_url_names() -> None:
    assert chosen("postgresql://u:made-up@h/books") == "postgresql+asyncpg://u:made-up@h/books"
    assert chosen("postgresql+psycopg://h/books") == "postgresql+asyncpg://h/books"


def test_sqlite_file_is_opened_for_reading_only() -> None:
    url = make_url(chosen("sqlite:////books/a.sqlite"))
    assert (url.drivername, url.database) == ("sqlite+aiosqlite", "file:/books/a.sqlite")
    assert url.query == {"mode": "ro", "uri": "true"}


@pytest.mark.parametrize(
    ("url", "driver"), [("mssql://u:made-up@h/books", "aioodbc"), ("mysql://u:made-up@h/books", "asyncmy")]
)
def test_driver_that_is_not_installed_is_named_without_the_address(
    monkeypatch: pytest.MonkeyPatch, url: str, driver: str
) -> None:
    monkeypatch.setattr(address, "find_spec", lambda _name: None)
    with pytest.raises(Refused) as caught:
        chosen(url)
    assert driver in caught.value.problem.message
    assert "made-up" not in repr(caught.value.problem)


@pytest.mark.parametrize("url", ["oracle://h/books", "sqlite://", "nonsense"])
def test_url_that_leads_to_no_ledger_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        chosen(url)
    assert caught.value.problem.code == "ledger_settings"
