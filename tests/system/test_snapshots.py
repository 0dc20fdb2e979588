"""Readers that lost or spoiled rows are mended while work goes on, and follow an owner that was restored."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from random import Random
from time import monotonic

import httpx
import pytest

from drawbridge.cli.demo.command import tell
from drawbridge.cli.demo.teller import Teller
from drawbridge.testkit.stack import Stack
from drawbridge.testkit.stack.configuration import SCHEMAS, command
from tests.factories.agreement import disagreements, history_gaps
from tests.factories.damage import administrator, back_up, damage, restore
from tests.system.conftest import StartStack

OWNERS = ("gateway", "import-service", "cloud-service", "payment-backfiller")


def _api(stack: Stack) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {stack.info.api_key}"}
    return httpx.AsyncClient(base_url=stack.info.api_url, headers=headers, timeout=30)


def _database(stack: Stack) -> str:
    return stack.configuration.addresses.database_url


async def _settled(look: Callable[[], Awaitable[list[str]]], seconds: float = 240) -> float:
    """Wait until nothing is found; gives the seconds that it took."""
    began = monotonic()
    while found := await look():
        assert monotonic() - began < seconds, "\n".join(sorted(found)[:10])
        await asyncio.sleep(0.5)
    return monotonic() - began


async def _all_agree(stack: Stack) -> float:
    return await _settled(lambda: disagreements(_database(stack)))


async def _snapshot_all(stack: Stack) -> dict[str, int]:
    """Have all four services tell their state again, and wait until the gateway has all of it."""
    figures = {"sent": 0, "removed": 0}
    async with _api(stack) as api:
        begun = [await api.post("/v1/snapshots", json={"owner": owner}) for owner in OWNERS]
        assert [each.status_code for each in begun] == [202] * 4, [each.text for each in begun]
        for answer in begun:
            async with asyncio.timeout(300):
                while (now := (await api.get(answer.headers["Location"])).json())["status"] != "done":
                    assert now["status"] in ("requested", "running", "arriving"), now
                    await asyncio.sleep(0.2)
            figures["sent"] += now["sent"]
            figures["removed"] += sum(now["removed"].values())
    return figures


async def _traffic(stack: Stack) -> None:
    """Clicks that change rows of most kinds, again and again."""
    async with _api(stack) as api:
        vaults = [each["id"] for each in (await api.get("/v1/vaults")).json()["items"]]
        while True:
            for vault in vaults:
                projects = (await api.get(f"/v1/vaults/{vault}/projects")).json()["items"]
                for project in projects[:2]:
                    await api.post(f"/v1/vaults/{vault}/projects/{project['project_id']}/sync")
                await api.post(f"/v1/vaults/{vault}/jobs/payment_retrieval/runs", json={})
                await api.post(f"/v1/vaults/{vault}/invoices", json={})
            await asyncio.sleep(0.3)


@asynccontextmanager
async def _busy(stack: Stack) -> AsyncIterator[None]:
    task = asyncio.create_task(_traffic(stack))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _parked(stack: Stack) -> list[object]:
    async with _api(stack) as api:
        items: list[object] = (await api.get("/v1/parked")).json()["items"]
        return items


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_damaged_readers_are_mended_while_work_goes_on(start_stack: StartStack, teller: Teller) -> None:
    seed = int(os.environ.get("SEED", "1"))
    async with start_stack() as stack:
        await tell(stack.info, teller)
        await _all_agree(stack)
        async with administrator(_database(stack)) as admin:
            done = await damage(admin, Random(seed))
        wrong = len(await disagreements(_database(stack)))
        began = monotonic()
        async with _busy(stack):
            figures = await _snapshot_all(stack)
        seconds = monotonic() - began
        await _all_agree(stack)
        await _settled(lambda: history_gaps(_database(stack)))
        parked = await _parked(stack)
    print(f"seed={seed} {done} wrong_before={wrong} {figures} seconds={seconds:.1f} wrong_after=0")
    assert wrong >= sum(done.values()) - len(done)
    assert parked == []


async def _after_restore(stack: Stack, service: str) -> str:
    """Run the command with the database's URL alone."""
    url = stack.configuration.database_url(service)
    process = await asyncio.create_subprocess_exec(
        *command(service, "after-restore"),
        env={"PATH": os.environ["PATH"], "DRAWBRIDGE_SECRET_DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode().strip().splitlines()[-1]


def _processes(service: str) -> tuple[str, ...]:
    return ("api", "gateway") if service == "gateway" else (service,)


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_all_readers_follow_a_service_that_was_restored(
    start_stack: StartStack, teller: Teller
) -> None:
    async with start_stack() as stack:
        await tell(stack.info, teller)
        await _all_agree(stack)
        async with administrator(_database(stack)) as admin:
            for schema in SCHEMAS.values():
                await back_up(admin, schema)
        async with _busy(stack):
            await asyncio.sleep(6)
        await _all_agree(stack)
        for service, schema in SCHEMAS.items():
            for name in _processes(service):
                await stack.processes[name].terminate()
            async with administrator(_database(stack)) as admin:
                await restore(admin, schema)
            wrong = len(await disagreements(_database(stack)))
            said = await _after_restore(stack, service)
            for name in _processes(service):
                await stack.processes[name].start()
            seconds = await _all_agree(stack)
            print(f"{service}: wrong_after_restore={wrong} wrong_now=0 seconds={seconds:.1f} ({said})")
        assert await _parked(stack) == []
