"""Doing in one go what several tasks ask for at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from drawbridge.runtime import get_logger

_log = get_logger(__name__)


@dataclass(frozen=True)  # no slots: Python 3.12 cannot call a frozen generic class that has them
class _Asked[V]:
    value: V
    answer: asyncio.Future[bool]


class Together[V]:
    """The first task that asks lets the others of that moment ask too, then does it for all of one key.

    ``do`` says of each value whether it was done; where it raises it must have done nothing. What was not
    done is left to the task that asked, so that the trouble of one is never another's.
    """

    def __init__(self, do: Callable[[str, Sequence[V]], Awaitable[Sequence[bool]]]) -> None:
        self._do = do
        self._asking: dict[str, list[_Asked[V]]] = {}

    async def done(self, key: str, value: V) -> bool:
        """Ask; false where it is still to be done."""
        asked = _Asked(value, asyncio.get_running_loop().create_future())
        if key in self._asking:
            self._asking[key].append(asked)
            return await asked.answer
        group = self._asking[key] = [asked]
        try:
            await asyncio.sleep(0)
            del self._asking[key]
            await self._answer(key, group)
        finally:
            if self._asking.get(key) is group:
                del self._asking[key]
            # Also where this task is cancelled: the others go on alone.
            _settle(group, [False] * len(group))
        return asked.answer.result()

    async def _answer(self, key: str, group: list[_Asked[V]]) -> None:
        try:
            _settle(group, await self._do(key, [each.value for each in group]))
        except Exception as error:  # noqa: BLE001  # each task meets its own error, or none, when it is alone
            _log.info("together.apart", key=key, asked=len(group), error=type(error).__name__)


def _settle[V](group: Sequence[_Asked[V]], answers: Sequence[bool]) -> None:
    for each, answer in zip(group, answers, strict=True):
        if not each.answer.done():
            each.answer.set_result(answer)
