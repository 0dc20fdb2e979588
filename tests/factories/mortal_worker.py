"""A worker process that one work item kills each time: ``python -m tests.factories.mortal_worker URL``."""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta

from drawbridge.contracts.errors import Problem
from drawbridge.persistence import Database, Transaction, WorkItem, WorkLoop
from tests.factories.core import Noted, count, sample_database


class Mortal:
    """Dies of the item ``killer``; notes the others after a while, so that some run beside it."""

    kind = "fetch"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem) -> None:
        """Do one item, or die."""
        if item.subject == "killer":
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(0.05)
        async with self._database.finishing(item) as tx:
            tx.send(Noted(text=item.subject), cause=item.cause)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Note the problem's code."""
        del refused
        tx.send(Noted(text=f"{item.subject} {problem.code}"), cause=item.cause)

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Nothing to note."""


async def main(url: str) -> None:
    """Work until nothing is left."""
    stop = asyncio.Event()
    async with sample_database(url, create=False) as database:
        loop = WorkLoop(database, [Mortal(database)], lease=timedelta(seconds=1))
        working = asyncio.create_task(loop.run(stop))
        while await count(database, "work_items") > 0:  # noqa: ASYNC110  # it happens in the database
            await asyncio.sleep(0.05)
        stop.set()
        await working


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
