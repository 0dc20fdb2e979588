from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from drawbridge.testkit.servers import GivenServer, Server
from drawbridge.testkit.shared import SharedServer


@dataclass(frozen=True)
class _Recorder(GivenServer):
    events: list[str] = field(default_factory=list)

    def close(self) -> None:
        self.events.append("closed")


class _Starter:
    def __init__(self) -> None:
        self.server = _Recorder("amqp://here/", "test")
        self.starts = 0

    async def __call__(self) -> Server:
        self.starts += 1
        return self.server


async def test_the_first_starts_it_and_the_others_get_its_address(tmp_path: Path) -> None:
    start = _Starter()
    first, second = SharedServer(tmp_path, "broker"), SharedServer(tmp_path, "broker")
    assert await first.acquire(start) is start.server
    joined = await second.acquire(start)
    assert (joined.url, joined.origin) == ("amqp://here/", "shared: test")
    assert start.starts == 1
    second.release()
    first.release()
    assert start.server.events == ["closed"]


async def test_the_owner_waits_for_the_others_before_it_ends_the_server(tmp_path: Path) -> None:
    start = _Starter()
    owner, other = SharedServer(tmp_path, "broker"), SharedServer(tmp_path, "broker")
    await owner.acquire(start)
    await other.acquire(start)
    leaving = Thread(target=owner.release)
    leaving.start()
    leaving.join(0.2)
    assert leaving.is_alive()
    assert start.server.events == []
    other.release()
    leaving.join(5)
    assert start.server.events == ["closed"]


async def test_whoever_comes_after_the_end_starts_a_new_one(tmp_path: Path) -> None:
    start = _Starter()
    for _ in range(2):
        shared = SharedServer(tmp_path, "broker")
        await shared.acquire(start)
        shared.release()
    assert start.starts == 2


async def test_a_start_that_fails_leaves_the_door_open(tmp_path: Path) -> None:
    async def fail() -> Server:
        raise RuntimeError("no broker")

    failing = SharedServer(tmp_path, "broker")
    try:
        await failing.acquire(fail)
    except RuntimeError:
        failing.release()
    start = _Starter()
    working = SharedServer(tmp_path, "broker")
    assert await working.acquire(start) is start.server
    working.release()
