"""A process that is configured wrongly says so in one sentence for each problem and ends with code 78."""

import pytest
from pydantic import Field, ValidationError

from drawbridge.runtime import ServiceSettings, load


class Settings(ServiceSettings):
    http_port: int = Field(default=8080, description="the port of the probes")
    retries: int = Field(default=1, ge=1, description="the number of tries")


GOOD = {
    "DRAWBRIDGE_SECRET_DATABASE_URL": "postgresql://a:hunter2@h:5432/d",
    "DRAWBRIDGE_SECRET_AMQP_URL": "amqp://a:hunter2@h/v",
}


def _problems(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **changes: str | None
) -> list[str]:
    for name, value in {**GOOD, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(Settings)
    assert ended.value.code == 78
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hunter2" not in captured.err
    assert "Traceback" not in captured.err
    return captured.err.splitlines()


def test_good_settings_are_read_and_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**GOOD, "DRAWBRIDGE_RETRIES": "3", "DRAWBRIDGE_LEASE_SECONDS": ""}.items():
        monkeypatch.setenv(name, value)
    settings = load(Settings)
    assert (settings.http_port, settings.retries, settings.lease_seconds) == (8080, 3, 60)
    assert "hunter2" not in repr(settings)
    with pytest.raises(ValidationError):
        settings.retries = 4  # type: ignore[misc]  # that it is refused is the point


@pytest.mark.parametrize("value", [None, ""])
def test_missing_or_empty_variable_is_named_with_what_to_put_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str | None
) -> None:
    [problem] = _problems(monkeypatch, capsys, DRAWBRIDGE_SECRET_AMQP_URL=value)
    assert problem.startswith(
        "DRAWBRIDGE_SECRET_AMQP_URL is not set: set it to this service's own broker user, "
    )


@pytest.mark.parametrize("url", ["mysql://a:hunter2@h/d", "hunter2", "postgresql://", "postgresql://h:x/d"])
def test_wrong_url_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    [problem] = _problems(monkeypatch, capsys, DRAWBRIDGE_SECRET_DATABASE_URL=url)
    assert problem.startswith("DRAWBRIDGE_SECRET_DATABASE_URL is not a URL like postgresql://user:password@")


def test_each_problem_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = _problems(
        monkeypatch,
        capsys,
        DRAWBRIDGE_HTTP_PORT="hunter2",
        DRAWBRIDGE_LOG_FORMAT="xml",
        DRAWBRIDGE_RETRIES="0",
    )
    assert sorted(line.split()[0] for line in problems) == [
        "DRAWBRIDGE_HTTP_PORT",
        "DRAWBRIDGE_LOG_FORMAT",
        "DRAWBRIDGE_RETRIES",
    ]
    assert any(line.endswith("set it to the number of tries.") for line in problems)


def test_values_can_be_given_by_name_in_code() -> None:
    settings = Settings.model_validate(
        {"database_url": "postgresql://h/d", "amqp_url": "amqp://h", "http_port": 1}
    )
    assert settings.database_url.get_secret_value() == "postgresql://h/d"
