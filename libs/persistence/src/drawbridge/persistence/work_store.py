"""All SQL on work items after they are added: leasing, extending, giving back, postponing."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, text, tuple_, update

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem
from drawbridge.persistence.database import Database
from drawbridge.persistence.raw import JSON, Origin
from drawbridge.persistence.transaction import Transaction
from drawbridge.persistence.work_item import BULK, WorkItem, held

_LEASE = text("""
WITH RECURSIVE vaults AS (
    (SELECT vault_id FROM work_items ORDER BY vault_id LIMIT 1)
    UNION ALL
    SELECT (SELECT w.vault_id FROM work_items w WHERE w.vault_id > v.vault_id ORDER BY w.vault_id LIMIT 1)
    FROM vaults v WHERE v.vault_id IS NOT NULL
), running AS (
    SELECT vault_id, count(*) AS items FROM work_items WHERE leased_until > now() GROUP BY vault_id
), candidates AS (
    SELECT w.id, w.priority, w.next_attempt_at, coalesce(r.items, 0)
           + row_number() OVER (PARTITION BY v.vault_id, w.priority ORDER BY w.next_attempt_at) AS turn
    FROM vaults v
    LEFT JOIN running r USING (vault_id)
    CROSS JOIN LATERAL (
        SELECT id, priority, next_attempt_at FROM work_items
        WHERE vault_id = v.vault_id AND kind = ANY(:kinds) AND next_attempt_at <= now()
          AND (leased_until IS NULL OR leased_until <= now()) AND (lease_token IS NOT NULL) = :lapsed
          AND priority <= :worst AND vault_id <> ALL(CAST(:left AS text[]))
        ORDER BY priority, next_attempt_at LIMIT :candidates
    ) w
), chosen AS (
    SELECT w.id FROM candidates c JOIN work_items w ON w.id = c.id
    WHERE w.next_attempt_at <= now() AND (w.leased_until IS NULL OR w.leased_until <= now())
    ORDER BY c.priority, c.turn, c.next_attempt_at LIMIT :places
    FOR UPDATE OF w SKIP LOCKED
)
UPDATE work_items w
SET lease_token = gen_random_uuid(), leased_until = now() + :lease, attempts = w.attempts + 1,
    waiting_reason = NULL, asked_again = false
FROM chosen WHERE w.id = chosen.id
RETURNING w.*
""")
"""Due items: the lowest priority number first, then in turn between vaults (what a vault has running
counts as turns taken), then the longest due. A skip scan lists the vaults, so that one vault's long
backlog costs nothing. The choice is locked and checked again, so two workers never get one item."""


class WorkStore:
    """Work items of one schema."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._items = database.tables.work_items

    async def lease(
        self,
        kinds: Sequence[str],
        places: int,
        lease: timedelta,
        *,
        lapsed: bool = False,
        worst: int = BULK,
        left: Collection[str] = (),
    ) -> list[WorkItem]:
        """Take over at most so many due items for that time; each gets a new token.

        Either those that nobody holds, or the ``lapsed`` ones, whose worker went away without a word. Only
        those of the priority ``worst`` or a better one, and none of the vaults that are ``left``.
        """
        values = {"kinds": list(kinds), "places": places, "candidates": places * 4}
        values |= {"lease": lease, "lapsed": lapsed, "worst": worst, "left": list(left)}
        async with self._database.bookkeeping() as connection:
            rows = (await connection.execute(_LEASE, values)).mappings().all()
        items = [_item(row, lapsed=lapsed) for row in rows]
        return sorted(items, key=lambda item: (item.priority, item.created_at))

    async def any_lapsed(self, kinds: Sequence[str], *, left: Collection[str] = ()) -> bool:
        """Whether there is a due item whose worker went away without a word."""
        columns = self._items.c
        lapsed = select(columns.id).where(
            columns.leased_until <= func.now(),
            columns.lease_token.is_not(None),
            columns.kind.in_(kinds),
            columns.vault_id.not_in(list(left)),
        )
        async with self._database.bookkeeping() as connection:
            return (await connection.execute(lapsed.limit(1))).first() is not None

    async def extend(self, items: Iterable[WorkItem], lease: timedelta) -> set[UUID]:
        """Keep the items for that time from now; gives the ids that are still ours."""
        columns = self._items.c
        ours = columns.id.in_(held(self._items, items))
        statement = update(self._items).where(ours).values(leased_until=func.now() + lease)
        async with self._database.bookkeeping() as connection:
            return set((await connection.execute(statement.returning(columns.id))).scalars())

    async def release(self, items: Iterable[WorkItem]) -> None:
        """Give items back at once, so that another worker need not wait for the lease to end."""
        statement = update(self._items).where(self._ours(items)).values(leased_until=None, lease_token=None)
        async with self._database.bookkeeping() as connection:
            await connection.execute(statement)

    async def hand_over(self, items: Iterable[WorkItem]) -> None:
        """Give items back that are for other workers, as if they had never been leased."""
        values = {"leased_until": None, "lease_token": None, "attempts": self._items.c.attempts - 1}
        async with self._database.bookkeeping() as connection:
            await connection.execute(update(self._items).where(self._ours(items)).values(values))

    async def keep_payload(self, tx: Transaction, item: WorkItem, payload: dict[str, JSON]) -> bool:
        """Store how far a long item is; its attempts count anew. False when it is not ours."""
        statement = update(self._items).where(self._ours([item])).values(payload=payload, attempts=0)
        return (await tx.session.execute(statement.returning(self._items.c.id))).first() is not None

    async def postpone(
        self, tx: Transaction, item: WorkItem, problem: Problem, at: datetime, *, waiting: bool
    ) -> bool:
        """Put the item back for later; ``waiting`` takes the attempt back. False when it is not ours."""
        values: dict[str, Any] = {
            "next_attempt_at": at,
            "lease_token": None,
            "leased_until": None,
            "attempts": item.attempts - 1 if waiting else item.attempts,
            "waiting_reason": problem.code if waiting else None,
            "last_error": problem.model_dump(mode="json"),
        }
        statement = update(self._items).where(self._ours([item])).values(**values)
        return (await tx.session.execute(statement.returning(self._items.c.id))).first() is not None

    def _ours(self, items: Iterable[WorkItem]) -> Any:  # noqa: ANN401  # an SQL condition
        columns = self._items.c
        return tuple_(columns.id, columns.lease_token).in_([(item.id, item.lease_token) for item in items])


def _item(row: RowMapping, *, lapsed: bool) -> WorkItem:
    return WorkItem(
        id=row["id"],
        kind=row["kind"],
        subject=row["subject"],
        vault_id=row["vault_id"],
        payload=row["payload"],
        cause=Cause(row["correlation_id"], row["causation_id"], row["traceparent"]),
        priority=row["priority"],
        attempts=row["attempts"],
        lease_token=row["lease_token"],
        leased_until=row["leased_until"],
        created_at=row["created_at"],
        origin=Origin.from_json(row["origin"]) if row["origin"] else None,
        lapsed=lapsed,
    )
