"""A short rain of faults on a whole installation; `make chaos` lets it rain longer."""

import os

import pytest

from drawbridge.testkit.chaos.plan import chosen, first_steps
from drawbridge.testkit.chaos.run import Wish, run_chaos
from drawbridge.testkit.servers import Servers
from drawbridge.testkit.stack import Stack

SEED = int(os.environ.get("SEED", "1"))
QUICK = ("kill import_service", "cut amqp", "cut postgres", "procore drops answers", "kill gateway")
LOOSE = 10.0
"""Times this the limits of the promises: other tests run besides, perhaps on a slow machine."""


@pytest.mark.timeout(900)
async def test_no_promise_is_broken(own_servers: Servers, proxied_stack: Stack) -> None:
    """The shortest run that means something; `make chaos` is the long one."""
    wish = Wish(SEED, seconds=8, faults=chosen(QUICK), calm=40, loose=LOOSE)
    await _runs(proxied_stack, own_servers, wish)


@pytest.mark.chaos
@pytest.mark.timeout(900)
async def test_no_promise_is_broken_in_all_weathers(own_servers: Servers, proxied_stack: Stack) -> None:
    wish = Wish(SEED, seconds=60, faults=chosen(()), loose=LOOSE)
    await _runs(proxied_stack, own_servers, wish)


async def _runs(stack: Stack, servers: Servers, wish: Wish) -> None:
    print(f"seed={wish.seed}")
    report = await run_chaos(stack, servers, wish, print)
    for line in (*report.notes, *report.promises):
        print(line)
    assert report.broken == []
    assert [promise.id for promise in report.promises] == [f"R{number}" for number in range(1, 11)]


def test_the_same_seed_gives_the_same_plan() -> None:
    names = chosen(())
    assert first_steps(7, names, 100) == first_steps(7, names, 100)
    assert first_steps(7, names, 100) != first_steps(8, names, 100)


def test_every_fault_has_its_turn_before_one_comes_again() -> None:
    names = chosen(())
    assert sorted(step.fault for step in first_steps(7, names, len(names))) == sorted(names)


def test_faults_are_chosen_by_family_and_by_name() -> None:
    assert chosen(["pause", "cut amqp"]) == [
        "pause gateway",
        "pause import_service",
        "pause cloud_service",
        "pause payment_backfiller",
        "cut amqp",
    ]
    with pytest.raises(ValueError, match="nonsense"):
        chosen(["kill", "nonsense"])
