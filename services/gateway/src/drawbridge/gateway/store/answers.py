"""Kept answers: one for each (caller, idempotency key), for as long as a repeat may come."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.gateway.store.caller_tables import AnswerRow
from drawbridge.gateway.store.tables import table

_answers = table(AnswerRow)


async def add_claim(session: AsyncSession, row: AnswerRow) -> bool:
    """Claim a key; False where it is claimed already (by a request that may still be running)."""
    statement = insert(_answers).values(row.model_dump(exclude_none=True)).on_conflict_do_nothing()
    return bool((await session.execute(statement.returning(_answers.c.claim))).first())


async def lock_claim(session: AsyncSession, caller: str, key: str) -> AnswerRow | None:
    """The claim as it is, locked until the transaction ends."""
    return await session.get(AnswerRow, (caller, key), with_for_update=True, populate_existing=True)


async def keep_answer(
    session: AsyncSession, caller: str, key: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Store the answer of a claimed key."""
    statement = update(_answers).where(_answers.c.caller == caller, _answers.c.key == key)
    await session.execute(statement.values(status=status, headers=dict(headers), body=body))


async def drop_claim(session: AsyncSession, caller: str, key: str) -> None:
    """Give a key up: nothing was done under it."""
    unanswered = _answers.c.status.is_(None)
    await session.execute(
        delete(_answers).where(_answers.c.caller == caller, _answers.c.key == key, unanswered)
    )


async def drop_answers(session: AsyncSession, claimed_before: datetime) -> None:
    """Forget what no repeat will ask for any more."""
    await session.execute(delete(_answers).where(_answers.c.claimed_at < claimed_before))
