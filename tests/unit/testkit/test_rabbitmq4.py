from pathlib import Path

import pytest

from drawbridge.testkit.servers.rabbitmq4.__main__ import main


def test_where_it_cannot_be_had_one_line_says_why_and_no_program_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get there
    assert main() == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "RabbitMQ 4 cannot be had here" in told.err.splitlines()[-1]
