"""A process starts, reports, recovers and stops as a whole, seen from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.factories.waiting import PATIENCE

SCRIPT = """
import asyncio, sys
from drawbridge.runtime import ServiceSettings, configure_logs, load, run_process, supervise

class Part:
    name = "part"
    runs = 0
    def ready(self): return self.runs > 0
    async def run(self, stop):
        Part.runs += 1
        {body}

async def closer(): print("closed", flush=True)

async def main():
    return await supervise("sample", [Part()], settings=load(ServiceSettings), closers=[closer, closer])

configure_logs("sample")
sys.exit(run_process(main()))
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def process(port: int) -> Iterator[Callable[[str], "_Started"]]:
    started: list[_Started] = []

    def start(body: str) -> _Started:
        started.append(_Started(body, port))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


class _Started:
    """A running process with one part."""

    def __init__(self, body: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        environment = os.environ | {
            "DRAWBRIDGE_SECRET_DATABASE_URL": "postgresql://h/d",
            "DRAWBRIDGE_SECRET_AMQP_URL": "amqp://h/",
            "DRAWBRIDGE_HTTP_PORT": str(port),
            "DRAWBRIDGE_GRACE_SECONDS": "1",
        }
        self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and script
            [sys.executable, "-c", SCRIPT.format(body=body)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def get(self, path: str, *, status: int = 200) -> httpx.Response:
        """Ask until that status is answered."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = httpx.get(self.url + path, trust_env=False)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == status:
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} did not answer {status}.")
            time.sleep(0.05)

    def end(self, *, by: signal.Signals | None = None) -> tuple[int, str, str]:
        """Wait for the end; gives exit code, output and log."""
        if by is not None:
            self.process.send_signal(by)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextmanager
def _taken(port: int) -> Iterator[None]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        yield


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_the_process_in_order(process: Callable[[str], _Started], by: signal.Signals) -> None:
    started = process("await stop.wait(); await asyncio.sleep(0.2); print('drained', flush=True)")
    assert started.get("/readyz").json() == {"status": "ready", "components": {"part": "ready"}}
    assert started.get("/livez").json() == {"status": "alive"}
    assert "drawbridge_component_restarts" in started.get("/metrics").text
    assert started.end(by=by)[:2] == (0, "drained\nclosed\nclosed\n")


def test_part_that_never_ends_is_cancelled_after_the_grace_time(process: Callable[[str], _Started]) -> None:
    started = process("await asyncio.sleep(3600)")
    started.get("/readyz")
    begun = time.monotonic()
    code, out, log = started.end(by=signal.SIGTERM)
    assert (code, out) == (0, "closed\nclosed\n")
    assert 1 <= time.monotonic() - begun < PATIENCE
    assert "process.cancelled" in log


def test_lost_connection_restarts_only_the_part(process: Callable[[str], _Started]) -> None:
    fails = "if Part.runs < 4: raise ConnectionError('amqp://me:hunter2@h lost')"
    started = process(f"{fails}\n        await stop.wait()")
    started.get("/readyz")
    while 'restarts_total{component="part"} 3.0' not in started.get("/metrics").text:
        time.sleep(0.05)
    code, _, log = started.end(by=signal.SIGTERM)
    assert code == 0
    assert log.count("component.restarting") == 3
    assert "hunter2" not in log


@pytest.mark.parametrize("body", ["raise KeyError('bug')", "return"])
def test_any_other_end_of_a_part_ends_the_process_with_one(
    process: Callable[[str], _Started], body: str
) -> None:
    code, out, log = process(body).end()
    assert (code, out) == (1, "closed\nclosed\n")
    assert "component.failed" in log


def test_taken_port_ends_the_process(process: Callable[[str], _Started], port: int) -> None:
    with _taken(port):
        code, _, log = process("await stop.wait()").end()
    assert code == 1
    assert "is it in use?" in log
