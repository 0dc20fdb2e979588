"""Runs the parts of one process together, restarts what lost its connection, and stops all in order.

Order of a stop (product: "not ready, stop taking, drain within the grace time, settle, close"): the probe
says not ready, ``stop`` is set, parts get the grace time to finish what they hold, the rest is cancelled,
then the closers run in order. Exit code 0 after a signal, 1 after any error but a lost connection.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import uvloop
from starlette.types import ASGIApp

from drawbridge.runtime.collecting import spare_collector
from drawbridge.runtime.health import Health, health_app
from drawbridge.runtime.http import HttpServer
from drawbridge.runtime.keeping import Component, keep_running
from drawbridge.runtime.logs import get_logger
from drawbridge.runtime.settings import ServiceSettings
from drawbridge.runtime.tracing import start_tracing

Closer = Callable[[], Awaitable[None]]
"""Closes one shared resource at the very end, such as ``database.dispose``."""

_CLOSER_SECONDS = 5.0
_log = get_logger(__name__)


async def supervise(
    name: str,
    components: Sequence[Component],
    *,
    settings: ServiceSettings,
    closers: Sequence[Closer] = (),
    app: ASGIApp | None = None,
) -> int:
    """Run the components, and the probes (with ``app`` behind them), until a signal or an error.

    Returns the exit code.
    """
    stop_tracing = start_tracing(name, settings.otlp_endpoint)
    health = Health(components)
    stop = asyncio.Event()
    probes = HttpServer(
        health_app(health, app),
        host=settings.http_host,
        port=settings.http_port,
        name=f"{name} http",
        drain_seconds=max(1, int(settings.grace_seconds) - 5),
    )
    with _Signals(stop):
        _log.info("process.started", process=name, components=[component.name for component in components])
        failed = await _run_all([*components, probes], health, stop, settings.grace_seconds)
    await _close([*closers, stop_tracing])
    _log.info("process.stopped", process=name, failed=failed)
    return 1 if failed else 0


def run_process(main: Coroutine[object, object, int]) -> int:
    """Run a process's main coroutine on uvloop and give back its exit code."""
    spare_collector()
    return asyncio.run(main, loop_factory=uvloop.new_event_loop)


async def _run_all(
    components: Sequence[Component], health: Health, stop: asyncio.Event, grace: float
) -> bool:
    """Run until ``stop``; true when a component failed for good."""
    tasks = {asyncio.create_task(keep_running(each, stop), name=each.name): each for each in components}
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    health.stopping = True
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=grace)
    for task in late:
        _log.warning("process.cancelled", component=task.get_name(), grace_seconds=grace)
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    stopping.cancel()
    return any(isinstance(result, Exception) for result in results)


async def _close(closers: Sequence[Closer]) -> None:
    """Close in order; a closer that fails or hangs does not keep the next from running."""
    for closer in closers:
        try:
            async with asyncio.timeout(_CLOSER_SECONDS):
                await closer()
        except Exception as error:  # noqa: BLE001  # the process ends anyway; say it and go on
            _log.warning("process.close_failed", error=str(error))


class _Signals:
    """SIGTERM and SIGINT set the stop event while this is entered."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, self._stop.set)

    def __exit__(self, *_: object) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(each)
