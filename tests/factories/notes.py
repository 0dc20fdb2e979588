"""A note's whole way: outbox, relay, queue, intake, work item, effect."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from drawbridge.contracts.errors import Problem
from drawbridge.messaging import Received
from drawbridge.persistence import Database, NewWork, Transaction, WorkItem
from tests.factories.core import CAUSE, Noted


class Chain:
    """Makes a work item of each note, and an effect of each work item."""

    kind = "note"

    def __init__(self, database: Database) -> None:
        self._database = database
        self.sent = 0

    async def send_through(self, database: Database, number: int) -> None:
        """Commit so many more notes to the outbox."""
        async with database.transaction() as tx:
            for _ in range(number):
                self.sent += 1
                tx.send(Noted(text=str(self.sent)), cause=CAUSE)

    async def take(self, tx: Transaction, batch: Sequence[Received]) -> None:
        """The intake's handler."""
        works = [
            NewWork("note", str(each.message.model_dump()["text"]), "main", {}, each.cause) for each in batch
        ]
        await tx.add_work(*works)

    async def run(self, item: WorkItem) -> None:
        """The work handler."""
        async with self._database.finishing(item) as tx:
            await tx.session.execute(text("INSERT INTO effects VALUES (:key)"), {"key": item.subject})

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Never: nothing here fails for good."""
        raise AssertionError((tx, item, problem, refused))

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Nothing to show."""
