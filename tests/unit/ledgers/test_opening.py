from pathlib import Path

import pytest

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers import load_preset, open_ledger, shipped_presets

URL = "DRAWBRIDGE_SECRET_SAGE_URL"
ENTRY = {"preset": "sage100", "url": f"env:{URL}", "time_zone": "America/Denver", "currency": "USD"}


def refusal(entry: dict[str, object]) -> Refused:
    with pytest.raises(Refused) as caught:
        open_ledger(entry)
    return caught.value


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, "postgresql://clerk:made-up@127.0.0.1/books")


def test_entry_opens_a_ledger_without_connecting() -> None:
    assert open_ledger(ENTRY).name == "Sage 100 Contractor"


def test_every_shipped_preset_loads() -> None:
    assert "sage100" in shipped_presets()
    assert all(load_preset(name).title for name in shipped_presets())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone is not right: Value error, there is no such time zone"),
        ({"time_zone": "../etc/passwd"}, "there is no such time zone"),
        ({"currency": "dollars"}, "currency"),
        ({"preset": 7}, "preset"),
        ({"pasword": "x"}, "pasword"),
    ],
)
def test_wrong_entry_says_which_member_and_why(wrong: dict[str, object], words: str) -> None:
    problem = refusal({**ENTRY, **wrong}).problem
    assert problem.code == "ledger_settings"
    assert words in problem.message


def test_unknown_preset_names_the_known_ones() -> None:
    problem = refusal({**ENTRY, "preset": "abacus"}).problem
    assert problem.code == "ledger_preset"
    assert "sage100" in problem.advice


@pytest.mark.parametrize("text", ["title: [", "title: x", "- a list", "", "\x00"])
def test_preset_file_that_is_no_preset_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    assert refusal({**ENTRY, "preset": str(path)}).problem.code == "ledger_preset"


def test_preset_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be opened" in refusal({**ENTRY, "preset": str(tmp_path / "none.yaml")}).problem.message


@pytest.mark.parametrize("url", ["postgresql://clerk:made-up@h/books", "env:HOME", f"env:{URL}_ABSENT"])
def test_url_must_be_a_reference_to_a_secret_that_is_there(url: str) -> None:
    assert refusal({**ENTRY, "url": url}).problem.code == "secret_reference"


@pytest.mark.parametrize(
    "address", ["mssql://clerk:made-up@host/books", "made-up nonsense", "a://:made-up@b:x/"]
)
def test_address_of_no_supported_database_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(URL, address)
    problem = refusal(dict(ENTRY)).problem
    assert problem.code == "ledger_settings"
    assert "made-up" not in repr(problem)
