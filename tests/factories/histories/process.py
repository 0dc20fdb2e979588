"""What a worker is to its surroundings: something that can be killed."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from drawbridge.persistence import Database, DatabaseAway


@dataclass(eq=False)
class Process:
    """One worker. Killed, it reaches nothing any more, whatever its code still tries on its way out."""

    database: Database
    life: asyncio.Task[None] | None = None
    dead: bool = False

    def kill(self) -> None:
        """Cut all of its connections at once, and let it make no new ones."""
        self.dead = True
        self.database._cut_connections()  # noqa: SLF001  # what the kernel does to a process that is gone
        self.database._connect = _nobody_answers  # type: ignore[method-assign]  # noqa: SLF001  # as above
        if self.life is not None:
            self.life.cancel()


async def _nobody_answers() -> AsyncConnection:
    raise DatabaseAway("The process is gone.")


HERE: ContextVar[Process | None] = ContextVar("HERE", default=None)
"""The worker that is running, in the tasks that belong to it."""


async def pass_by() -> None:
    """Let others run, unless the worker is gone: then nothing leaves it any more."""
    await asyncio.sleep(0)
    process = HERE.get()
    if process is not None and process.dead:
        raise asyncio.CancelledError
