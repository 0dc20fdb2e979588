import signal
import sys
from pathlib import Path

import pytest

from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceError, ServiceProcess
from drawbridge.testkit.servers.ready import answers_http

_SERVICE = """
import os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
    def log_message(self, *_):
        pass

signal.signal(signal.SIGTERM, lambda *_: sys.exit(int(os.environ["EXIT_CODE"])))
print("serving", flush=True)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def _service(tmp_path: Path, source: str = _SERVICE) -> ServiceProcess:
    port = free_port()
    argv = [sys.executable, "-c", source, str(port)]
    return ServiceProcess("example", argv, {"EXIT_CODE": "3"}, tmp_path / "example.log", port=port)


async def test_a_service_is_started_when_it_is_ready_and_stops_when_asked(tmp_path: Path) -> None:
    service = _service(tmp_path)
    await service.start(seconds=10)
    assert await answers_http(f"{service.url}/readyz")
    assert "serving" in service.log_tail()
    assert await service.terminate(seconds=10) == 3
    assert not await answers_http(f"{service.url}/readyz")
    assert await service.terminate() == 0


async def test_a_killed_service_comes_back_on_its_port(tmp_path: Path) -> None:
    service = _service(tmp_path)
    await service.start(seconds=10)
    before = service.pid
    await service.restart(kill=True, seconds=10)
    assert service.pid != before
    assert await answers_http(f"{service.url}/readyz")
    with pytest.raises(ServiceError, match="already runs"):
        service.launch()
    service.kill()
    assert service.pid is None


async def test_a_service_that_ends_at_once_says_so_with_its_log(tmp_path: Path) -> None:
    service = _service(tmp_path, "raise SystemExit('no database')")
    with pytest.raises(ServiceError, match=r"(?s)exit code 1.*no database"):
        await service.start(seconds=10)
    assert service.pid is None


async def test_a_service_that_does_not_get_ready_is_not_left_running(tmp_path: Path) -> None:
    service = _service(tmp_path, "import time; time.sleep(60)")
    with pytest.raises(ServiceError, match="Not ready after"):
        await service.start(seconds=0.3)
    assert service.pid is None


async def test_a_paused_service_does_not_answer_until_it_is_resumed(tmp_path: Path) -> None:
    service = _service(tmp_path)
    await service.start(seconds=10)
    service.pause()
    assert not await answers_http(f"{service.url}/readyz")
    service.resume()
    assert await answers_http(f"{service.url}/readyz")
    service.kill()


async def test_a_service_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    handler = 'lambda *_: sys.exit(int(os.environ["EXIT_CODE"]))'
    assert handler in _SERVICE
    deaf = _SERVICE.replace(handler, "signal.SIG_IGN")
    service = _service(tmp_path, deaf)
    await service.start(seconds=10)
    assert await service.terminate(seconds=0.2) == -signal.SIGKILL
