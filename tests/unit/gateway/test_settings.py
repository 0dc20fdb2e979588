"""The API refuses to start without a usable key; commands explain themselves."""

import pytest
from typer.testing import CliRunner

from drawbridge.gateway.__main__ import app
from drawbridge.gateway.settings import ApiSettings
from drawbridge.gateway.wiring_oidc import open_tokens
from drawbridge.runtime import load

URLS = {
    "DRAWBRIDGE_SECRET_DATABASE_URL": "postgresql://gateway:pw@127.0.0.1/drawbridge",
    "DRAWBRIDGE_SECRET_AMQP_URL": "amqp://gateway:pw@127.0.0.1/",
}


@pytest.mark.parametrize("key", [None, "short"])
def test_a_missing_or_short_key_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str | None
) -> None:
    for name, value in URLS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DRAWBRIDGE_SECRET_BOOTSTRAP_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("DRAWBRIDGE_SECRET_BOOTSTRAP_KEY", key)
    with pytest.raises(SystemExit) as ended:
        load(ApiSettings)
    said = capsys.readouterr().err
    assert ended.value.code == 78
    assert said.startswith("DRAWBRIDGE_SECRET_BOOTSTRAP_KEY ")
    assert said.count("\n") == 1
    assert "short " not in said.replace("shorter", "")


def test_the_help_names_all_commands() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    for command in ("api", "worker", "migrate", "republish", "after-restore"):
        assert command in result.output


async def test_an_api_with_an_identity_provider_verifies_its_tokens_as_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = {
        "DRAWBRIDGE_SECRET_BOOTSTRAP_KEY": "a-key-that-is-long-enough",
        "DRAWBRIDGE_OIDC_ISSUER": "https://login.example.com/realm",
        "DRAWBRIDGE_OIDC_AUDIENCE": "drawbridge",
        "DRAWBRIDGE_OIDC_ROLES_CLAIM": "groups",
    }
    for name, value in (URLS | chosen).items():
        monkeypatch.setenv(name, value)
    settings = load(ApiSettings)
    assert settings.oidc_issuer is not None
    tokens, close = open_tokens(settings, settings.oidc_issuer)
    assert (tokens.issuer, tokens.audience) == ("https://login.example.com/realm", "drawbridge")
    assert (tokens.algorithms, tokens.roles_claim) == (("RS256", "ES256"), "groups")
    await close()
