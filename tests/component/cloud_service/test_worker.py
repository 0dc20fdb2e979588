"""The worker as a process: ready when it can work, and orderly when it is told to stop."""

import sys
from pathlib import Path

import httpx

from drawbridge.cloud_service.settings import Settings
from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceProcess


async def test_the_worker_becomes_ready_and_stops_in_order(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "DRAWBRIDGE_SECRET_DATABASE_URL": settings.database_url.get_secret_value(),
        "DRAWBRIDGE_SECRET_AMQP_URL": settings.amqp_url.get_secret_value(),
        "DRAWBRIDGE_HTTP_PORT": str(port),
    }
    argv = [sys.executable, "-m", "drawbridge.cloud_service", "worker"]
    worker = ServiceProcess("cloud-service", argv, environment, tmp_path / "worker.log", port=port)
    await worker.start()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/readyz")
        assert set(answer.json()["components"].values()) == {"ready"}
        assert "intake drawbridge.reprocess" in answer.json()["components"]
    finally:
        exit_code = await worker.terminate()
    assert exit_code == 0
