"""Failpoints do nothing unless armed, and exactly what they are told when armed."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from drawbridge.runtime import failpoints, is_transient


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_unarmed_failpoint_does_nothing() -> None:
    failpoints.hit("sample.place")


def test_raise_fails_the_first_passes_only() -> None:
    failpoints.arm("sample.place=raise:2")
    for _ in range(2):
        with pytest.raises(failpoints.FailpointError) as caught:
            failpoints.hit("sample.place")
        assert is_transient(caught.value)
    failpoints.hit("sample.place")
    failpoints.hit("sample.other")


def test_sleep_stops_the_process_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    failpoints.arm("sample.place=sleep:0.05")
    failpoints.hit("sample.place")
    failpoints.hit("sample.place")
    assert slept == [0.05]


def test_kill_ends_the_process_at_once() -> None:
    script = (
        "from drawbridge.runtime import failpoints as f; f.hit('a.b'); print('one', flush=True); f.hit('a.b')"
    )
    ended = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", script],
        env={"DRAWBRIDGE_FAILPOINTS": "a.b=kill:2"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (ended.returncode, ended.stdout) == (-9, "one\n")


@pytest.mark.parametrize("text", ["a", "a=stop", "a=raise:x", "a=raise:-1", "A=raise"])
def test_text_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        failpoints.arm(text)


def test_names_are_declared_once() -> None:
    assert failpoints.declare("sample.declared_once") in failpoints.declared()
    with pytest.raises(ValueError, match="Two failpoints"):
        failpoints.declare("sample.declared_once")
