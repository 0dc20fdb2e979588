"""Keeps one part of a process running: again after a lost connection, not after any other error."""

import asyncio
from typing import Protocol

from drawbridge.runtime.logs import get_logger
from drawbridge.runtime.metrics import COMPONENT_RESTARTS
from drawbridge.runtime.pausing import back_off, pause
from drawbridge.runtime.transient import is_transient

_STEADY_SECONDS = 1.0
"""Running for so long ends a row of failures: starting again as often as that does no harm.

No longer, or what failed while a server was away would still slow down the start after a cut that follows.
"""
_log = get_logger(__name__)


class Component(Protocol):
    """One long-running part of a process."""

    name: str

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, then finish what is in hand and return."""
        ...

    def ready(self) -> bool:
        """True while connected and working."""
        ...


async def keep_running(component: Component, stop: asyncio.Event) -> None:
    """Run one component, again after each lost connection; any other error is raised."""
    failures = 0
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        started = loop.time()
        try:
            await component.run(stop)
        except asyncio.CancelledError as error:
            if _asked_to_cancel():
                raise
            # aiormq ends what waits on a lost connection by cancelling the wait, not the task.
            failure: BaseException = error
        except Exception as error:
            if not is_transient(error):
                _log.exception("component.failed", component=component.name)
                raise
            failure = error
        else:
            if stop.is_set():
                return
            _log.error("component.failed", component=component.name, problem="It ended unasked.")
            raise RuntimeError(f"{component.name} ended although nobody asked it to.")
        failures = 1 if loop.time() - started > _STEADY_SECONDS else failures + 1
        await _pause_before_restart(component, failure, failures, stop)


def _asked_to_cancel() -> bool:
    """Whether somebody cancelled this task itself."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _pause_before_restart(
    component: Component, failure: BaseException, failures: int, stop: asyncio.Event
) -> None:
    wait = back_off(failures)
    COMPONENT_RESTARTS.labels(component.name).inc()
    error = str(failure) or type(failure).__name__
    _log.warning("component.restarting", component=component.name, error=error, seconds=round(wait, 2))
    await pause(stop, wait)
