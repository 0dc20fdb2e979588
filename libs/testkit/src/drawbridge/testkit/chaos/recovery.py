"""How long it takes until everything works again, seen from outside (promise R5)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import httpx

from drawbridge.contracts.message import PUBLIC
from drawbridge.messaging.outside import publishing
from drawbridge.testkit.chaos.asked import request_for
from drawbridge.testkit.chaos.faults import Ground
from drawbridge.testkit.chaos.publisher import is_lost
from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.servers.ready import answers_http
from drawbridge.testkit.stack import Stack
from drawbridge.testkit.stack.doors import FINAL

_TRY_EVERY = 0.5
_TRY_SECONDS = 12.0

type Probe = Callable[[], Awaitable[bool]]


async def recovered(ground: Ground, patience: float) -> float:
    """Seconds from now until a click, an outside message and all health probes succeed once.

    Raises:
        TimeoutError: after ``patience`` seconds.
    """
    began = time.monotonic()
    async with asyncio.timeout(patience):
        scene = ground.scene
        probes = (partial(_click, scene), partial(_message, scene), partial(_all_ready, ground.stack))
        await asyncio.gather(*(_first_success(probe) for probe in probes))
    return time.monotonic() - began


async def _first_success(probe: Probe) -> None:
    """Begin a new try every half second, so that one that hangs does not hide the others."""
    tries: set[asyncio.Task[bool]] = set()
    try:
        while True:
            tries.add(asyncio.create_task(_one_try(probe)))
            done, tries = await asyncio.wait(tries, timeout=_TRY_EVERY, return_when=asyncio.FIRST_COMPLETED)
            if any(task.result() for task in done):
                return
            if done:
                await asyncio.sleep(_TRY_EVERY)
    finally:
        for task in tries:
            task.cancel()
        await asyncio.gather(*tries, return_exceptions=True)


async def _one_try(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(_TRY_SECONDS):
            return await probe()
    except Exception as error:
        if not is_lost(error) and not isinstance(error, httpx.HTTPError):
            raise
        return False


async def _click(scene: Scene) -> bool:
    """A refresh preview: API, both databases, the broker both ways, and Procore."""
    path = f"/v1/vaults/by-hand/invoices/{scene.probe_invoice}/refresh"
    answer = await scene.gateway.ask("POST", path, {"preview": True}, Prefer="wait=5")
    if answer is None or answer.is_error:
        return False
    operation = answer.json()
    scene.asked.accept(operation["id"], "probe")
    while operation["status"] not in FINAL:
        await asyncio.sleep(0.2)
        operation = await scene.gateway.get(f"/v1/operations/{operation['id']}")
    return bool(operation["status"] == "done")


async def _message(scene: Scene) -> bool:
    """A message through the public door, until the API shows the request: broker, cloud-service, gateway."""
    subject = scene.probe_subject
    if subject is None:
        raise ValueError("The scene is not set up.")
    message = request_for(subject, uuid4())
    async with publishing(scene.at.amqp_url) as publisher:
        await publisher.publish(PUBLIC, "reprocess", message)
    scene.asked.publish(message, subject)
    path = f"/v1/vaults/{subject.vault}/requests"
    while True:
        page = await scene.gateway.get(path, requisition_id=subject.requisition_id, limit=50)
        if any(each["message_id"] == message.id for each in page["items"]):
            return True
        await asyncio.sleep(0.2)


async def _all_ready(stack: Stack) -> bool:
    processes = [each for each in stack.processes.values() if each.pid is not None]
    return all(await asyncio.gather(*(answers_http(f"{each.url}/readyz") for each in processes)))
