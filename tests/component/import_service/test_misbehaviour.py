"""What Procore can do wrong, and what becomes of it: two tables, one for imports and one for re-reads.

Each row orders one misbehaviour at the double and tells what everybody sees meanwhile, how it ends, and
words that the answer must hold. After all rows nothing is lost, nothing doubled, nothing parked.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.import_commands import SyncProject
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.message import Message
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused
from drawbridge.contracts.procore_invoices import ProcoreInvoiceState, ProjectState
from drawbridge.persistence import Database
from drawbridge.procore import exchange
from tests.factories.imports import BY, VAULT, ImportWorld
from tests.factories.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LIST = "/rest/v1.1/requisitions"
SECOND_PAGE = {"page": "2"}
SHORT_PAGES = {"kind": "ignore", "members": ["per_page"], "times": 99}
"""Lets the double page by its own 30 rows."""

MOST_CALLS = 60


@dataclass(frozen=True)
class Case:
    """One misbehaviour: orders to the double, what is seen meanwhile, how it ends, and in which words."""

    name: str
    faults: tuple[dict[str, Any], ...]
    meanwhile: str = ""
    ends: str = "done"
    words: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)


def fault(kind: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401  # any member of a fault
    return {"kind": kind, **members}


IMPORTS = [
    Case("429 spike", (fault("exhaust_limit", seconds=4),), "waiting procore_limit"),
    Case("429 hourly", (fault("exhaust_limit", seconds=4, window="hourly"),), "waiting procore_limit"),
    Case("503", (fault("fail", status=503, seconds=4),), "waiting procore_down", words=("until",)),
    Case("token expired", (fault("expire_token"),)),
    Case(
        "401 for good",
        (fault("fail", status=401, times=2),),
        ends="refused procore_unauthorized",
        words=("401", "client id and secret"),
    ),
    Case(
        "403", (fault("fail", status=403),), ends="refused procore_forbidden", words=("lacks the permission",)
    ),
    Case("500", (fault("fail", status=500),), "retry procore_error", words=("Procore answered 500.",)),
    Case("502", (fault("fail", status=502),), "retry procore_error", words=("Procore answered 502.",)),
    Case("broken JSON", (fault("cut_short"),), "retry procore_unreadable", words=("is no JSON",)),
    Case(
        "a web page", (fault("html"),), "retry procore_unreadable", words=("is no JSON (text/html)", "proxy")
    ),
    Case(
        "gigantic",
        (fault("inflate", megabytes=3),),
        ends="refused procore_too_much",
        words=("too large", "very many lines"),
    ),
    Case(
        "slow drip",
        (fault("drip", seconds=90),),
        "retry procore_unreachable",
        words=("did not finish its answer",),
    ),
    Case(
        "connection cut",
        (fault("apply_then_drop"),),
        "retry procore_unreachable",
        words=("RemoteProtocolError",),
    ),
    Case(
        "lines left out in silence",
        (fault("ignore", members=["view"]),),
        ends="error unreadable",
        words=("items should be the invoice's lines",),
    ),
]

LISTS = [
    Case("429 spike", (fault("exhaust_limit", seconds=4),), "waiting procore_limit"),
    Case("503", (fault("fail", status=503, seconds=4),), "waiting procore_down"),
    Case("token expired on page 2", (fault("expire_token"), SHORT_PAGES), query=SECOND_PAGE),
    Case("500 on page 2", (fault("fail", status=500), SHORT_PAGES), "retry procore_error", query=SECOND_PAGE),
    Case("broken JSON", (fault("cut_short"),), "retry procore_unreadable"),
    Case("a web page", (fault("html"),), "retry procore_unreadable"),
    Case("gigantic page", (fault("inflate", megabytes=3),)),
    Case("slow drip", (fault("drip", seconds=90),), "retry procore_unreachable"),
    Case("deleted between pages", (fault("delete_first"), SHORT_PAGES), query=SECOND_PAGE),
    Case("moved between pages", (fault("move_last"), SHORT_PAGES), query=SECOND_PAGE),
    Case("lines left out in silence", (fault("ignore", members=["view"]),)),
    Case(
        "all pages gigantic",
        (fault("inflate", megabytes=3, times=3),),
        ends="refused procore_too_much",
        words=("too large",),
    ),
    Case("401 for good", (fault("fail", status=401, times=2),), ends="refused procore_unauthorized"),
    Case(
        "403", (fault("fail", status=403),), ends="refused procore_forbidden", words=("lacks the permission",)
    ),
]


@pytest.fixture(autouse=True)
def _small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "DEADLINE", timedelta(seconds=8))  # a busy machine answers within
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 2 * 2**20)


async def _read_once(world: ImportWorld) -> None:
    """Wait until the project has been read to the end and nothing reads it any more."""
    await world.settle_vault(projects=[world.project_id])
    await eventually(lambda: any(each.as_of for each in world.of(ProjectState)))


async def _order(world: ImportWorld, case: Case, path: str) -> None:
    for order in case.faults:
        match = {"path_prefix": path, "query": {} if order is SHORT_PAGES else case.query}
        await world.at_procore("POST", "faults", order | {"match": match})


async def _answered(world: ImportWorld, database: Database, command_id: UUID) -> Message:
    """The command's one answer; a retry is due at once, a wait is not shortened."""
    async with asyncio.timeout(100):
        while not world.answers(command_id):
            waits = [each.waiting for each in world.of(CommandPostponed) if each.command_id == command_id]
            if waits and not waits[-1]:
                async with database.transaction() as tx:
                    await tx.session.execute(text("UPDATE work_items SET next_attempt_at = now()"))
            await asyncio.sleep(0.2)
    await asyncio.sleep(0.1)
    (answer,) = world.answers(command_id)
    return answer


def _meanwhile(world: ImportWorld, command_id: UUID) -> tuple[str, str]:
    """What was seen before the answer, and its words; only one postponement for one misbehaviour."""
    shown = [each for each in world.of(CommandPostponed) if each.command_id == command_id]
    said = "; ".join(f"{'waiting' if each.waiting else 'retry'} {each.problem.code}" for each in shown)
    return said, " ".join(_words(each.problem) for each in shown)


def _ending(answer: Message) -> tuple[str, str]:
    match answer:
        case CommandRefused():
            return f"refused {answer.problem.code}", _words(answer.problem)
        case ProcoreInvoiceState() if answer.row.problem:
            return f"{answer.row.import_state} {answer.row.problem.code}", _words(answer.row.problem)
        case InvoiceState() | ProjectState():
            return "done", ""
    raise AssertionError(answer)


def _words(problem: Problem) -> str:
    return f"{problem.message} {problem.advice}"


def _judged(world: ImportWorld, case: Case, command_id: UUID, answer: Message) -> tuple[str, str, list[str]]:
    meanwhile, first = _meanwhile(world, command_id)
    ends, last = _ending(answer)
    return meanwhile, ends, [words for words in case.words if words not in f"{first} {last}"]


def _calls(world: ImportWorld) -> int:
    return sum(meter.windows[1].used for meter in world.procore.meters.values())


async def _nothing_lost_or_doubled(world: ImportWorld, database: Database, imported: int) -> None:
    async with database.reading() as session:
        counted = await session.execute(
            text(
                "SELECT (SELECT count(*) FROM invoices),"
                " (SELECT count(DISTINCT requisition_id) FROM invoices),"
                " (SELECT count(*) FROM work_items WHERE kind NOT IN ('sync_project', 'list_projects'))"
            )
        )
    assert tuple(counted.one()) == (imported, imported, 0)
    assert world.parked == []


async def test_every_misbehaviour_while_importing_ends_as_the_table_says(
    world: ImportWorld, database: Database
) -> None:
    await _read_once(world)
    ids = world.approved()[: len(IMPORTS)]
    results, calls = {}, {}
    for case, requisition_id in zip(IMPORTS, ids, strict=True):
        await _order(world, case, f"{LIST}/{requisition_id}")
        before = _calls(world)
        command_id = await world.command(world.importing(requisition_id))
        answer = await _answered(world, database, command_id)
        results[case.name] = _judged(world, case, command_id, answer)
        calls[case.name] = _calls(world) - before
    assert results == {case.name: (case.meanwhile, case.ends, []) for case in IMPORTS}
    assert {name: many for name, many in calls.items() if "429" not in name and many > 10} == {}
    await _nothing_lost_or_doubled(world, database, sum(case.ends == "done" for case in IMPORTS))

    for case, requisition_id in zip(IMPORTS, ids, strict=True):
        if case.ends != "done":
            again = await world.do(world.importing(requisition_id))
            assert isinstance(again, InvoiceState), case.name
    await _nothing_lost_or_doubled(world, database, len(IMPORTS))


async def test_an_invoice_deleted_between_list_and_import_is_refused_and_then_seen_as_deleted(
    world: ImportWorld, database: Database
) -> None:
    await _read_once(world)
    requisition_id = world.approved()[0]
    command = world.importing(requisition_id)
    await world.at_procore("POST", f"requisitions/{requisition_id}/delete")
    answer = await world.do(command)
    assert isinstance(answer, CommandRefused)
    assert answer.problem.code == "procore_not_found"
    assert "both for deleted and for invisible" in answer.problem.advice
    await _reread(world, database, Case("as usual", ()))
    row = world.row(requisition_id)
    assert row is not None
    assert row.drift is not None
    assert (row.import_state, row.drift.kind) == ("not_imported", "deleted")
    await _nothing_lost_or_doubled(world, database, 0)


async def test_an_invoice_that_may_not_be_seen_any_more_does_not_stop_the_project(
    world: ImportWorld, database: Database
) -> None:
    await _read_once(world)
    requisition_id = world.approved()[0]
    await world.at_procore("POST", f"requisitions/{requisition_id}/delete")
    forbidden = fault("fail", status=403, match={"path_prefix": f"{LIST}/{requisition_id}"})
    await world.at_procore("POST", "faults", forbidden)
    assert await _reread(world, database, Case("forbidden", ())) == ("", "done", [])
    row = world.row(requisition_id)
    assert row is not None
    assert row.drift is not None
    assert row.drift.kind == "invisible"


async def _reread(world: ImportWorld, database: Database, case: Case) -> tuple[str, str, list[str]]:
    """Re-read the project as if the last time was long ago, under one misbehaviour."""
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE projects SET as_of = as_of - interval '1 minute'"))
        await tx.session.execute(text("UPDATE procore_invoices SET seen_at = seen_at - interval '1 minute'"))
    await _order(world, case, LIST)
    command = SyncProject(vault_id=VAULT, requested_by=BY, project_id=world.project_id)
    command_id = await world.command(command)
    answer = await _answered(world, database, command_id)
    await world.control.delete("/control/faults")
    return _judged(world, case, command_id, answer)


async def test_every_misbehaviour_while_re_reading_ends_as_the_table_says(
    world: ImportWorld, database: Database
) -> None:
    await _read_once(world)
    imported = world.approved()[-1]
    assert isinstance(await world.do(world.importing(imported)), InvoiceState)
    for _ in range(10):
        await world.at_procore("POST", f"projects/{world.project_id}/requisitions", {})
    results, calls = {}, {}
    for case in LISTS:
        await world.at_procore("POST", f"projects/{world.project_id}/requisitions", {})
        before = _calls(world)
        results[case.name] = await _reread(world, database, case)
        calls[case.name] = _calls(world) - before
        if case.ends == "done":
            ours = [
                each for each in world.procore.requisitions.values() if each["project_id"] == world.project_id
            ]
            missed = [each["id"] for each in ours if world.row(each["id"]) is None]
            assert missed == [], case.name
            row = world.row(imported)
            assert row is not None
            assert row.drift is None, case.name
    assert results == {case.name: (case.meanwhile, case.ends, []) for case in LISTS}
    assert {name: many for name, many in calls.items() if "429" not in name and many > MOST_CALLS} == {}
    await _nothing_lost_or_doubled(world, database, 1)

    assert await _reread(world, database, Case("as usual", ())) == ("", "done", [])
    told = {each.row.requisition_id for each in world.of(ProcoreInvoiceState)}
    drifts = [row.drift.kind for row in map(world.row, told) if row and row.drift]
    assert drifts == ["deleted"]
