import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from drawbridge.testkit.servers import ServerError
from drawbridge.testkit.servers.container_engine import answers, engine_socket
from drawbridge.testkit.watchdog import remove_container


def _serve_once(path: Path, answer: bytes, then: Callable[[bytes], None] = lambda _: None) -> Thread:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        then(connection.recv(1000))
        connection.sendall(answer)
        connection.close()
        listener.close()

    thread = Thread(target=serve)
    thread.start()
    return thread


def test_an_engine_that_answers_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    serving = _serve_once(path, b"HTTP/1.0 200 OK\r\n\r\nOK")
    assert engine_socket() == path
    serving.join(5)


def test_an_engine_that_is_silent_does_not_hang_us(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("drawbridge.testkit.servers.container_engine._SECONDS", 0.1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "silent.sock"))
        listener.listen()
        assert not answers(tmp_path / "silent.sock")


def test_an_engine_that_answers_with_an_error_is_not_used(tmp_path: Path) -> None:
    serving = _serve_once(tmp_path / "broken.sock", b"HTTP/1.0 500 Broken\r\n\r\n")
    assert not answers(tmp_path / "broken.sock")
    serving.join(5)


def test_an_engine_on_another_machine_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    with pytest.raises(ServerError, match="none answers on a local socket"):
        engine_socket()


def test_the_watchdog_removes_a_container_with_its_data(tmp_path: Path) -> None:
    requests: list[bytes] = []
    path = tmp_path / "engine.sock"
    serving = _serve_once(path, b"HTTP/1.0 204 No Content\r\n\r\n", requests.append)
    remove_container("abc123", str(path))
    serving.join(5)
    assert requests[0].startswith(b"DELETE /containers/abc123?force=true&v=true HTTP/1.0\r\n")
