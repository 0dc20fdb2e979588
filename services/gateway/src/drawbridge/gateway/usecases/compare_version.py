"""Compare what a caller has seen with what is there; who comes too late is told what changed."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.domain.refusals import Outdated
from drawbridge.gateway.store.history import HistoryLine, history_of
from drawbridge.gateway.usecases.tools import Tools

VERSION_CONFLICT = "version_conflict"
"""With this code an owner refuses a command for a version that is not the newest any more."""


async def compare_version(session: AsyncSession, subject: str, seen: int | None, current: int) -> None:
    """Refuse early what the owner would refuse; a version that is not known here yet is left to the owner.

    Raises:
        Outdated: with the changes since the version that the caller has seen.
    """
    if seen is not None and seen < current:
        raise outdated(current, await _since(session, subject, seen))


async def require_current(tools: Tools, operation: Operation, seen: int | None) -> None:
    """The same where the owner refused it, after the caller's version had been let pass.

    Raises:
        Outdated: as `compare_version`.
    """
    if operation.problem is None or operation.problem.code != VERSION_CONFLICT:
        return
    async with tools.database.reading() as session:
        lines = await _since(session, operation.subject, seen or 0)
    raise outdated(lines[0].version if lines else None, lines)


def outdated(current: int | None, changes: Sequence[HistoryLine]) -> Outdated:
    """The refusal, with what changed in the meantime, the newest first."""
    return Outdated(
        "outdated",
        "It was changed since you looked at it.",
        "Read it again, look at what changed, and repeat on its newest version.",
        current_version=current,
        changes=changes,
    )


async def _since(session: AsyncSession, subject: str, seen: int) -> list[HistoryLine]:
    return [line for line in await history_of(session, subject, 50) if line.version > seen]
