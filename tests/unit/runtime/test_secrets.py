"""References lead to secrets in two places only."""

from pathlib import Path

import pytest

from drawbridge.contracts.errors import Refused
from drawbridge.runtime import check_reference, resolve_secret

WRONG = [
    "",
    "hunter2",
    "env:PATH",
    "env:DRAWBRIDGE_SECRET_",
    "env:DRAWBRIDGE_SECRET_X ",
    "env:drawbridge_secret_x",
    "file:",
    "file:../passwd",
    "file:/etc/passwd",
    "file:a/b",
    "file:.hidden",
    "http://x",
]


@pytest.mark.parametrize("reference", WRONG)
def test_other_forms_are_refused(reference: str) -> None:
    with pytest.raises(Refused) as caught:
        check_reference(reference)
    assert caught.value.problem.code == "secret_reference"
    assert "env:DRAWBRIDGE_SECRET_NAME" in caught.value.problem.advice


def test_variable_is_read_without_surrounding_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRET_X", " hunter2\n")
    secret = resolve_secret("env:DRAWBRIDGE_SECRET_X")
    assert secret.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(secret)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_unset_or_empty_variable_is_refused(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("DRAWBRIDGE_SECRET_X", raising=False)
    if value is not None:
        monkeypatch.setenv("DRAWBRIDGE_SECRET_X", value)
    with pytest.raises(Refused, match="DRAWBRIDGE_SECRET_X"):
        resolve_secret("env:DRAWBRIDGE_SECRET_X")


def test_file_in_the_secrets_folder_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRAWBRIDGE_SECRETS_DIR", str(tmp_path))
    (tmp_path / "token").write_text("hunter2\n")
    assert resolve_secret("file:token").get_secret_value() == "hunter2"


def test_file_needs_the_folder_and_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DRAWBRIDGE_SECRETS_DIR", raising=False)
    with pytest.raises(Refused, match="needs the secrets folder"):
        resolve_secret("file:token")
    monkeypatch.setenv("DRAWBRIDGE_SECRETS_DIR", str(tmp_path))
    with pytest.raises(Refused, match="no readable file token"):
        resolve_secret("file:token")


def test_link_out_of_the_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inside = tmp_path / "secrets"
    inside.mkdir()
    (tmp_path / "outside").write_text("hunter2")
    (inside / "link").symlink_to(tmp_path / "outside")
    monkeypatch.setenv("DRAWBRIDGE_SECRETS_DIR", str(inside))
    with pytest.raises(Refused, match="leads out"):
        resolve_secret("file:link")
