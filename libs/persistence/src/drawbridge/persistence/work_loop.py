"""Leases due work items and runs them, some at a time, keeping their leases while they run.

An item whose last worker went away without a word may be what killed it. So it runs alone: if the process
dies again, no neighbour is blamed for it. After `CRASH_LIMIT` attempts it is parked and not run again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from drawbridge.contracts.errors import DrawbridgeError, Unprocessable, Waiting
from drawbridge.persistence.connecting import is_database_transient
from drawbridge.persistence.database import Database
from drawbridge.persistence.listener import Listener
from drawbridge.persistence.work_handler import WorkHandler
from drawbridge.persistence.work_item import BULK, CLICK, LeaseLost, WorkItem
from drawbridge.persistence.work_settling import Settling
from drawbridge.persistence.work_store import WorkStore
from drawbridge.runtime import back_off, bound_cause, failpoints, get_logger, is_transient, pause, tracing
from drawbridge.runtime.metrics import WORK_ATTEMPTS, WORK_RUNNING, WORK_SECONDS

_AFTER_LEASE = failpoints.declare("work.after_lease")
_AFTER_RUN = failpoints.declare("work.after_run")
CRASH_LIMIT = 10
"""Attempts, all kinds counted, after which an item that lost its worker again is not run any more.

As often as the broker delivers a message that kills its reader.
"""
_POLL_SECONDS = 1.0
_MOMENT_SECONDS = 0.005
"""What ends or comes at one moment is followed by one lease, so that items can be done together."""

_RELEASE_SECONDS = 3.0
_SETTLE_TRIES = 10
_log = get_logger(__name__)


class Sharing(Protocol):
    """Tells which vaults' items are for this worker; see `VaultShares`."""

    def left(self) -> Collection[str]:
        """Vaults whose items are for other workers, as far as is known."""
        ...

    async def meet(self, vault_ids: Collection[str]) -> None:
        """Find out about these.

        Raises:
            TimeoutError: it cannot be found out now.
        """
        ...


class _Alone:
    """There is no other worker, or all may do everything."""

    def left(self) -> Collection[str]:
        return ()

    async def meet(self, vault_ids: Collection[str]) -> None:
        """All are ours."""


class WorkLoop:
    """The component that does the work items of one schema, for the kinds that it has handlers for.

    Items of the kinds in ``own_traces`` are traced apart from the step that asked for them, and link to it.
    Of the ``concurrency`` places some are ``for_clicks`` only, so that what a person waits for never stands
    behind long work. By ``sharing``, the items of some vaults are for other workers.
    """

    def __init__(
        self,
        database: Database,
        handlers: Sequence[WorkHandler],
        *,
        concurrency: int = 8,
        for_clicks: int = 0,
        lease: timedelta = timedelta(seconds=60),
        own_traces: Collection[str] = (),
        sharing: Sharing | None = None,
    ) -> None:
        self.name = "work"
        self._database = database
        self._handlers = {handler.kind: handler for handler in handlers}
        self._concurrency = concurrency
        self._for_clicks = for_clicks
        self._lease = lease
        self._own_traces = frozenset(own_traces)
        self._sharing = sharing or _Alone()
        self._store = WorkStore(database)
        self._settling = Settling(database, self._store)
        self._running: dict[asyncio.Task[None], WorkItem] = {}
        self._wake = asyncio.Event()
        self._look_for_lapsed_at = 0.0
        self._others_next = False
        self._failures = 0
        self._started = False

    def ready(self) -> bool:
        """True while leasing works."""
        return self._started and self._failures == 0

    async def run(self, stop: asyncio.Event) -> None:
        """Lease and run until ``stop`` is set, then finish what is running."""
        helpers = [asyncio.create_task(self._listen(stop)), asyncio.create_task(self._keep_leases())]
        try:
            while not stop.is_set():
                self._wake.clear()
                if await self._take(stop):
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._wake.wait()
                        await asyncio.sleep(_MOMENT_SECONDS)
            if self._running:
                await asyncio.wait(self._running)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self._abandon()

    async def _take(self, stop: asyncio.Event) -> bool:
        """Lease as many items as there are free places; true when more may be due at once."""
        places, worst = self._places()
        if places <= 0 or any(item.lapsed for item in self._running.values()):
            return False
        try:
            items = await self._due(places, worst)
        except Exception as error:
            if not is_transient(error):
                raise
            self._failures += 1
            _log.warning("work.lease_failed", error=str(error))
            await pause(stop, back_off(self._failures))
            return True
        self._failures, self._started = 0, True
        for item in items:
            self._start(item)
        return len(items) == places

    def _places(self) -> tuple[int, int]:
        """How many items may be started now, and of which priority at worst."""
        free = self._concurrency - len(self._running)
        long = sum(item.priority > CLICK for item in self._running.values())
        for_all = self._concurrency - self._for_clicks - long
        return (min(free, for_all), BULK) if for_all > 0 else (free, CLICK)

    async def _due(self, places: int, worst: int) -> list[WorkItem]:
        """Items to start now: some, or a lapsed one alone, once nothing else is running."""
        kinds, left = list(self._handlers), self._sharing.left()
        if await self._lapsed_is_next(kinds, left):
            if self._running:
                return []
            self._others_next = True
            if alone := await self._store.lease(kinds, 1, self._lease, lapsed=True, left=left):
                return await self._ours(alone)
        self._others_next = False
        return await self._ours(await self._store.lease(kinds, places, self._lease, worst=worst, left=left))

    async def _ours(self, leased: list[WorkItem]) -> list[WorkItem]:
        """Those that are for us after all: who sees to a new vault is found out with its first item."""
        try:
            await self._sharing.meet({item.vault_id for item in leased if item.vault_id})
        except TimeoutError:
            await self._store.hand_over(leased)
            return []
        left = set(self._sharing.left())
        if others := [item for item in leased if item.vault_id in left]:
            await self._store.hand_over(others)
        return [item for item in leased if item.vault_id not in left]

    async def _lapsed_is_next(self, kinds: Sequence[str], left: Collection[str]) -> bool:
        """Whether it is a lapsed item's turn; the others have theirs in between."""
        now = asyncio.get_running_loop().time()
        if self._others_next or now < self._look_for_lapsed_at:
            return False
        if await self._store.any_lapsed(kinds, left=left):
            return True
        self._look_for_lapsed_at = now + _POLL_SECONDS
        return False

    def _start(self, item: WorkItem) -> None:
        task = asyncio.create_task(self._attempt(item), name=f"{item.kind} {item.subject}")
        self._running[task] = item
        WORK_RUNNING.labels(self._database.schema).inc()
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        WORK_RUNNING.labels(self._database.schema).dec()
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("work.unsettled", item=task.get_name(), error=str(task.exception()))

    async def _attempt(self, item: WorkItem) -> None:
        """One attempt, from the lease to the committed result."""
        failpoints.hit(_AFTER_LEASE)
        facts = {"kind": item.kind, "subject": item.subject, "vault_id": item.vault_id}
        with tracing.step(
            f"work {item.kind}",
            "consumer",
            item.cause.traceparent,
            item.traced_facts(),
            new_trace=item.kind in self._own_traces,
        ) as step:
            # What the item sends continues the step, not only the story.
            item = replace(item, cause=replace(item.cause, traceparent=step.traceparent))
            with (
                bound_cause(item.cause, **facts),
                WORK_SECONDS.labels(self._database.schema, item.kind).time(),
            ):
                result = await self._result(item)
                step.note({"drawbridge.result": result})
                WORK_ATTEMPTS.labels(self._database.schema, item.kind, result).inc()
                _log.info("work.attempted", result=result, attempt=item.attempts)

    async def _result(self, item: WorkItem) -> str:
        try:
            return await self._run_and_settle(item)
        except LeaseLost:
            _log.warning("work.lease_lost", attempt=item.attempts)
            return "lost"

    async def _run_and_settle(self, item: WorkItem) -> str:
        handler = self._handlers[item.kind]
        try:
            _refuse_a_killer(item)
            await handler.run(item)
            failpoints.hit(_AFTER_RUN)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001  # every error becomes a decision
            _log_failure(item, error)
            failed = error
            return await self._settled(lambda: self._settling.failed(handler, item, failed))
        return await self._settled(lambda: self._settling.done(item))

    async def _settled(self, settle: Callable[[], Awaitable[str]]) -> str:
        """Commit a result, again and again while the database is away."""
        failures = 0
        while True:
            try:
                return await settle()
            except Exception as error:
                failures += 1
                if not is_transient(error) or failures > _SETTLE_TRIES:
                    raise
                _log.warning("work.settle_failed", error=str(error))
                await asyncio.sleep(back_off(failures))

    async def _listen(self, stop: asyncio.Event) -> None:
        """Wake the loop on each notification; without it the poll still finds everything."""
        failures = 0
        while not stop.is_set():
            try:
                async with Listener(self._database, "work") as listener:
                    failures = 0
                    while not stop.is_set():
                        await listener.wait(stop)
                        self._wake.set()
            except Exception as error:
                if not is_transient(error):
                    raise
                failures += 1
                _log.warning("work.listen_failed", error=str(error))
                await pause(stop, back_off(failures))
        self._wake.set()

    async def _keep_leases(self) -> None:
        """Extend the leases of running items; stop the attempt at an item that was taken over."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            running = dict(self._running)
            if not running:
                continue
            try:
                ours = await self._store.extend(running.values(), self._lease)
            except Exception as error:
                if not is_transient(error):
                    raise
                _log.warning("work.extend_failed", error=str(error))
                continue
            for task, item in running.items():
                if item.id not in ours:
                    task.cancel()

    async def _abandon(self) -> None:
        """Stop what is still running and give it back at once."""
        left = dict(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.gather(*left, return_exceptions=True)
            with suppress(Exception):
                async with asyncio.timeout(_RELEASE_SECONDS):
                    await self._store.release(left.values())


def _refuse_a_killer(item: WorkItem) -> None:
    """Raise `Unprocessable` for an item that has lost its worker once more than it may."""
    if item.lapsed and item.attempts > CRASH_LIMIT:
        raise Unprocessable(
            "crashes_its_worker",
            f"Its worker went away without a word once more; {item.attempts - 1} attempts were made.",
            "Look into the service's log under the correlation id. Mend the cause, then replay it.",
        )


def _log_failure(item: WorkItem, error: Exception) -> None:
    """A wait is a state, an error of the tree a sentence; anything else is a surprise with a traceback."""
    if isinstance(error, Waiting):
        _log.info("work.waiting", reason=error.reason, until=error.until.isoformat())
    elif isinstance(error, DrawbridgeError):
        _log.warning(
            "work.failed", code=error.problem.code, problem=error.problem.message, attempt=item.attempts
        )
    elif is_database_transient(error):
        _log.warning("work.interrupted", problem=str(error), attempt=item.attempts)
    else:
        _log.exception("work.failed_unexpectedly", attempt=item.attempts, exc_info=error)
