"""Answers of Procore that may be some time old."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from drawbridge.contracts.errors import Problem, Refused
from drawbridge.runtime import utc_now

_NO_IS_KEPT = timedelta(minutes=5)


@dataclass(frozen=True)  # no slots: Python 3.12 cannot call a frozen generic class that has them
class _Answer[V]:
    value: V
    since: datetime


class Kept[V]:
    """Values by id, each asked for by one caller while others wait for the same answer.

    A refusal is kept, too, but for five minutes only: it may be a permission that somebody is about to give.
    """

    def __init__(self, life: timedelta, now: Callable[[], datetime] = utc_now) -> None:
        self._life = life
        self._now = now
        self._answers: dict[int | str, _Answer[V]] = {}
        self._refusals: dict[int | str, _Answer[Problem]] = {}
        self._asking: defaultdict[int | str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(
        self, key: int | str, ask: Callable[[], Awaitable[V]], *, not_older_than: timedelta | None = None
    ) -> V:
        """The kept value, else a new one.

        Raises:
            Refused: Procore said no, just now or within the last minutes. Other errors of ``ask`` pass, too.
        """
        life = self._life if not_older_than is None else not_older_than
        async with self._asking[key]:
            known, refusal = self._answers.get(key), self._refusals.get(key)
            if known is not None and self._now() - known.since < life:
                return known.value
            if refusal is not None and self._now() - refusal.since < _NO_IS_KEPT:
                raise Refused(refusal.value.code, refusal.value.message, refusal.value.advice)
            return await self._ask(key, ask)

    def put(self, key: int | str, value: V) -> None:
        """Keep a value that came another way."""
        self._answers[key] = _Answer(value, self._now())
        self._refusals.pop(key, None)

    async def _ask(self, key: int | str, ask: Callable[[], Awaitable[V]]) -> V:
        try:
            value = await ask()
        except Refused as error:
            self._answers.pop(key, None)
            self._refusals[key] = _Answer(error.problem, self._now())
            raise
        self.put(key, value)
        return value
