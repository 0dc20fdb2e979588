"""The environment of one service of docker-compose.yml."""

import os
from collections.abc import Callable, Mapping

import pytest

type Become = Callable[[Mapping[str, str]], None]


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Become:
    """Take away every variable of ours, then set these."""

    def set_all(variables: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if name.startswith("DRAWBRIDGE_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_all
