"""What becomes of a work item after its attempt: done, again, given up, or parked."""

import random

from drawbridge.persistence.connecting import is_database_transient
from drawbridge.persistence.database import Database
from drawbridge.persistence.parking import parked
from drawbridge.persistence.retry import Again, GiveUp, NextStep, Park, next_step
from drawbridge.persistence.work_handler import WorkHandler
from drawbridge.persistence.work_item import LeaseLost, WorkItem
from drawbridge.persistence.work_store import WorkStore
from drawbridge.runtime import failpoints, get_logger, utc_now

_BEFORE_SETTLE = failpoints.declare("work.before_settle")
_RNG = random.SystemRandom()
_log = get_logger(__name__)


class Settling:
    """Commits the result of an attempt, guarded by the lease."""

    def __init__(self, database: Database, store: WorkStore) -> None:
        self._database = database
        self._store = store

    async def done(self, item: WorkItem) -> str:
        """End the item if its handler has not done so already, as it usually has."""
        if item.ending.committed:
            return "done"
        try:
            async with self._database.finishing(item):
                pass
        except LeaseLost:
            pass  # the handler's commit was not answered, or another worker has it
        return "done"

    async def failed(self, handler: WorkHandler, item: WorkItem, error: Exception) -> str:
        """Decide what follows the error and commit it; gives the result in one word.

        Raises:
            LeaseLost: nothing is committed.
        """
        failpoints.hit(_BEFORE_SETTLE)
        match _decide(error, item):
            case Again() as again:
                return await self._again(handler, item, again)
            case Park(problem) if item.origin is not None:
                async with self._database.finishing(item) as tx:
                    await tx.forget(item.origin.inbox_key)
                    tx.send_raw(parked(item.origin.raw, problem, tx.now))
                return "parked"
            case Park(problem):
                step = GiveUp(problem, refused=False)
            case GiveUp() as step:
                pass
        async with self._database.finishing(item) as tx:
            await handler.give_up(tx, item, step.problem, refused=step.refused)
        return "refused" if step.refused else "given_up"

    async def _again(self, handler: WorkHandler, item: WorkItem, again: Again) -> str:
        waiting = not again.counts
        async with self._database.transaction() as tx:
            if not await self._store.postpone(tx, item, again.problem, again.at, waiting=waiting):
                raise LeaseLost(f"The lease on {item.kind} {item.subject} is no longer ours.")
            await handler.postponed(tx, item, again.problem, again.at, waiting=waiting)
        return "waiting" if waiting else "again"


def _decide(error: Exception, item: WorkItem) -> NextStep:
    """The pure decision; our own database being away is no attempt at the outside work."""
    step = next_step(error, item.attempts, utc_now(), _RNG)
    if isinstance(step, Again) and is_database_transient(error):
        return Again(step.at, step.problem, counts=False)
    return step
