"""What several tasks ask for at one moment is done in one go; the trouble of one is never another's."""

import asyncio
from collections.abc import Sequence

import pytest

from drawbridge.import_service.together import Together
from tests.factories.waiting import eventually


class Doing:
    """Does even numbers; ``broken`` and ``slow`` for as long as the test wants it."""

    def __init__(self) -> None:
        self.groups: list[tuple[str, list[int]]] = []
        self.broken = False
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, key: str, values: Sequence[int]) -> list[bool]:
        self.groups.append((key, list(values)))
        await self.may_end.wait()
        if self.broken:
            raise RuntimeError
        return [value % 2 == 0 for value in values]


async def test_what_is_asked_at_one_moment_is_done_at_once_by_key() -> None:
    doing = Doing()
    together = Together(doing)
    asked = [together.done("a", 1), together.done("b", 2), together.done("a", 4)]
    assert await asyncio.gather(*asked) == [False, True, True]
    assert doing.groups == [("a", [1, 4]), ("b", [2])]
    assert await together.done("a", 6)
    assert doing.groups[2:] == [("a", [6])]


async def test_who_asks_while_others_are_being_done_is_of_the_next_group() -> None:
    doing = Doing()
    together = Together(doing)
    doing.may_end.clear()
    first = asyncio.create_task(together.done("a", 2))
    await eventually(lambda: doing.groups)
    second = asyncio.create_task(together.done("a", 4))
    await eventually(lambda: len(doing.groups) == 2)
    doing.may_end.set()
    assert [await first, await second] == [True, True]


async def test_an_error_leaves_each_to_its_own_task() -> None:
    doing = Doing()
    doing.broken = True
    together = Together(doing)
    assert not any(await asyncio.gather(together.done("a", 2), together.done("a", 4)))


@pytest.mark.parametrize("stopped", [0, 1])
async def test_a_task_that_is_stopped_takes_no_other_with_it(stopped: int) -> None:
    doing = Doing()
    together = Together(doing)
    doing.may_end.clear()
    tasks = [asyncio.create_task(together.done("a", value)) for value in (2, 4)]
    await eventually(lambda: doing.groups)
    tasks[stopped].cancel()
    doing.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await tasks[stopped]
    assert await tasks[1 - stopped] is (stopped == 1)


async def test_a_first_task_that_is_stopped_at_once_leaves_no_key_behind() -> None:
    together = Together(Doing())
    first = asyncio.create_task(together.done("a", 2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await together.done("a", 4)
