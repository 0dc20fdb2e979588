"""What a service writes for one kind of work item."""

from datetime import datetime
from typing import Protocol

from drawbridge.contracts.errors import Problem
from drawbridge.persistence.transaction import Transaction
from drawbridge.persistence.work_item import WorkItem


class WorkHandler(Protocol):
    """Does all items of one kind."""

    kind: str

    async def run(self, item: WorkItem) -> None:
        """Make the outside calls, then commit their result in ``database.finishing(item)``.

        Raise an error of the tree to be tried again, refused or parked. Returning without finishing
        finishes the item.
        """
        ...

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Record a refusal, or the failure of the last attempt, in the transaction that ends the item."""
        ...

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Record that it is tried again at ``next_at``; ``waiting`` when it was no attempt."""
        ...


class Unattended:
    """What a `WorkHandler` extends when nobody waits for its kind: the item itself shows that it goes on."""

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """Nothing to record."""
