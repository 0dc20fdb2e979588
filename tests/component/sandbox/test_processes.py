"""Both commands as real processes: up, ready, and gone in good order."""

import sys
from pathlib import Path

import httpx

from drawbridge.testkit.ports import free_port
from drawbridge.testkit.processes import ServiceProcess

SANDBOX = [sys.executable, "-m", "drawbridge.sandbox"]


async def test_procore_double_serves_and_stops(tmp_path: Path) -> None:
    port = free_port()
    argv = [*SANDBOX, "procore", "--port", str(port), "--company", "4242", "--client", "one:two"]
    process = ServiceProcess("procore", argv, {}, tmp_path / "procore.log", port=port)
    await process.start()
    sent = {"grant_type": "client_credentials", "client_id": "one", "client_secret": "two"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.post("/oauth/token", data=sent)).status_code == 200
        assert (await http.get("/control/facts")).json()["company_id"] == 4242
    assert await process.terminate() == 0


async def test_clerk_stops_in_good_order(postgres_database: str, amqp_vhost: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "DRAWBRIDGE_SECRET_LEDGER_URL": postgres_database,
        "DRAWBRIDGE_SECRET_AMQP_URL": amqp_vhost,
    }
    argv = [*SANDBOX, "clerk", "--port", str(port)]
    process = ServiceProcess("clerk", argv, environment, tmp_path / "clerk.log", port=port)
    await process.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.get("/bills")).json() == []
    assert await process.terminate() == 0
    assert "Traceback" not in process.log_tail(200)
