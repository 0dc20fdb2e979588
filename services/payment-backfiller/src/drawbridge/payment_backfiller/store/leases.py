"""The lease of a work item as a guard: nothing is committed for an item that somebody else has now."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select

from drawbridge.payment_backfiller.store.tables import core
from drawbridge.persistence import LeaseLost, Transaction, WorkItem

_items = core.work_items


async def hold(tx: Transaction, item: WorkItem) -> datetime:
    """Make sure that the item is ours until this transaction ends; gives the end of the lease.

    Raises:
        LeaseLost: it is not.
    """
    statement = select(_items.c.leased_until).where(_ours(item))
    until: datetime | None = (await tx.session.execute(statement.with_for_update())).scalar_one_or_none()
    if until is None:
        raise LeaseLost(f"The lease on {item.kind} {item.subject} is no longer ours.")
    return until


async def finish(tx: Transaction, item: WorkItem) -> None:
    """End the item in this transaction, which has locked its vault first (see `lock_vault`).

    Raises:
        LeaseLost: it is not ours.
    """
    statement = delete(_items).where(_ours(item))
    if (await tx.session.execute(statement.returning(_items.c.id))).first() is None:
        raise LeaseLost(f"The lease on {item.kind} {item.subject} is no longer ours.")


def _ours(item: WorkItem) -> ColumnElement[bool]:
    return and_(_items.c.id == item.id, _items.c.lease_token == item.lease_token)
