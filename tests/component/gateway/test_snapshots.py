"""Snapshots through the API, and what they do to the gateway's own tables."""

from random import Random
from uuid import UUID, uuid4

from sqlalchemy import delete, select, text, update

from drawbridge.contracts import StateEvent
from drawbridge.contracts.snapshots import (
    HistoryLine,
    HistoryTold,
    RequestSnapshot,
    SnapshotFinished,
    SnapshotProgress,
)
from drawbridge.gateway.store.owned import KEPT
from drawbridge.gateway.store.tables import HistoryRow, table
from drawbridge.persistence.snapshots import SnapshotReader
from drawbridge.runtime import utc_now
from tests.factories.gateway import (
    CHANGE,
    REQUISITION,
    VAULT,
    Door,
    allocation,
    imported,
    invoice_payments,
    job_state,
    project_state,
    request_state,
    row_state,
)

FIRST = "20260301T080000000000Z-00000001"
OWNERS = ("import-service", "cloud-service", "payment-backfiller")
_OWNER = {kept.model: kept.owner for kept in KEPT}


def _world() -> list[StateEvent]:
    """Some states of every type that the gateway keeps of others, but runs."""
    invoices = [imported(requisition_id=REQUISITION + number) for number in range(6)]
    return [
        project_state(),
        *(row_state(requisition_id=REQUISITION + number) for number in range(6, 12)),
        *(row_state(**state.row.model_dump()) for state in invoices if state.row),
        *invoices,
        *(invoice_payments(state.invoice.id) for state in invoices),
        *(request_state(uuid4()) for _ in range(4)),
        *(allocation() for _ in range(6)),
        job_state(),
    ]


async def _rows(door: Door) -> dict[str, list[tuple[object, ...]]]:
    """All rows that are kept of others, without what snapshots note in them."""
    async with door.database.reading() as session:
        return {
            kept.table.name: sorted(
                (
                    tuple(value for name, value in row.items() if name not in ("told_at", "snapshot_id"))
                    for row in (await session.execute(select(kept.table))).mappings()
                ),
                key=str,
            )
            for kept in KEPT
        }


async def _damage(door: Door, random: Random) -> int:
    """Delete, spoil or copy about half of the rows."""
    done = 0
    async with door.database.bookkeeping() as connection:
        for kept in KEPT:
            keys = [column.name for column in kept.table.primary_key]
            for row in (await connection.execute(select(kept.table))).mappings().all():
                here = [kept.table.c[name] == row[name] for name in keys]
                match random.randrange(6):
                    case 0:
                        await connection.execute(delete(kept.table).where(*here))
                    case 1:
                        await connection.execute(update(kept.table).where(*here).values(data={"spoilt": 1}))
                    case 2:
                        unknown = {**row, "vault_id": "nobodys"}
                        await connection.execute(kept.table.insert().values(unknown))
                    case _:
                        continue
                done += 1
    return done


async def test_any_damage_is_mended_in_any_order_of_messages(door: Door) -> None:
    for seed in range(5):
        random = Random(seed)
        world = _world()
        await door.tell(*world)
        before = await _rows(door)
        damaged = await _damage(door, random)
        assert await _rows(door) != before
        ids = {owner: f"20260301T08000000000{seed}Z-0000000{n}" for n, owner in enumerate(OWNERS)}
        told = [each.model_copy(update={"snapshot_id": ids[_OWNER[type(each)]]}) for each in world]
        ends = [_finished(owner, told, ids[owner]) for owner in OWNERS]
        messages = [*told, *ends]
        random.shuffle(messages)
        for message in messages:
            await door.tell(message)
            await SnapshotReader(door.database, KEPT).settle()
        after = await _rows(door)
        wrong = {name: set(map(str, after[name])) ^ set(map(str, before[name])) for name in before}
        assert {name: rows for name, rows in wrong.items() if rows} == {}, seed
        print(f"seed={seed} rows={len(world)} damaged={damaged} wrong_after=0")
        await _forget(door)


def _finished(owner: str, told: list[StateEvent], snapshot_id: str) -> SnapshotFinished:
    types = [kept.model for kept in KEPT if kept.owner == owner]
    counts = {model.TYPE: sum(isinstance(each, model) for each in told) for model in types}
    return SnapshotFinished.model_validate(
        {
            "snapshot_id": snapshot_id,
            "owner": owner,
            "epoch": 0,
            "started_at": utc_now(),
            "counts": counts,
        }
    )


async def _forget(door: Door) -> None:
    async with door.database.bookkeeping() as connection:
        for kept in KEPT:
            await connection.execute(delete(kept.table))


async def test_lines_of_history_come_back_and_wrong_ones_are_replaced(door: Door) -> None:
    await door.tell(row_state())
    subject = f"requisition/{VAULT}/{REQUISITION}"
    async with door.database.bookkeeping() as connection:
        await connection.execute(text("UPDATE history SET what = 'wrong'"))
    lines = tuple(HistoryLine(subject=subject, version=version, change=CHANGE) for version in (1, 2))
    await door.tell(HistoryTold(snapshot_id=FIRST, owner="import-service", lines=lines))
    async with door.database.reading() as session:
        rows = (await session.execute(select(HistoryRow).order_by(table(HistoryRow).c.version))).scalars()
        assert [(row.version, row.what) for row in rows if row.subject == subject] == [
            (1, CHANGE.what),
            (2, CHANGE.what),
        ]


async def test_a_snapshot_closes_no_operation(door: Door) -> None:
    await door.tell(row_state())
    begun = (await door.post(f"/procore-invoices/{REQUISITION}/import")).json()
    await door.tell(row_state(version=1).model_copy(update={"snapshot_id": FIRST}))
    assert (await door.operation(begun["id"]))["status"] == "queued"


async def test_a_snapshot_is_requested_followed_and_done(door: Door) -> None:
    answer = await door.client.post("/v1/snapshots", json={"owner": "cloud-service"})
    assert answer.status_code == 202
    snapshot_id = answer.json()["id"]
    assert answer.headers["Location"] == f"/v1/snapshots/{snapshot_id}"
    sent = (await door.sent())[-1]
    assert (sent["type"], sent["routing_key"]) == (RequestSnapshot.TYPE, "every-service")

    async def status() -> str:
        return str((await door.client.get(f"/v1/snapshots/{snapshot_id}")).json()["status"])

    assert await status() == "requested"
    about = {"snapshot_id": snapshot_id, "owner": "cloud-service"}
    await door.tell(SnapshotProgress.model_validate(about | {"sent": 0, "total": 1}))
    await door.tell(SnapshotProgress.model_validate(about | {"sent": 1, "total": 1}))
    assert await status() == "running"
    state = request_state(UUID(int=1)).model_copy(update={"snapshot_id": snapshot_id})
    await door.tell(_finished("cloud-service", [state], snapshot_id))
    await SnapshotReader(door.database, KEPT).settle()
    assert await status() == "arriving"
    await door.tell(state)
    await SnapshotReader(door.database, KEPT).settle()
    assert await status() == "done"
    listed = (await door.client.get("/v1/snapshots")).json()["items"]
    assert [each["id"] for each in listed] == [snapshot_id]


async def test_an_older_unfinished_snapshot_is_shown_as_replaced(door: Door) -> None:
    first = (await door.client.post("/v1/snapshots", json={"owner": "gateway"})).json()["id"]
    await door.client.post("/v1/snapshots", json={"owner": "import-service"})
    assert (await door.client.get(f"/v1/snapshots/{first}")).json()["status"] == "requested"
    await door.client.post("/v1/snapshots", json={"owner": "gateway"})
    assert (await door.client.get(f"/v1/snapshots/{first}")).json()["status"] == "replaced"


async def test_a_snapshot_of_nobody_is_refused(door: Door) -> None:
    assert (await door.client.post("/v1/snapshots", json={"owner": "nobody"})).status_code == 422
    assert (await door.client.get(f"/v1/snapshots/{FIRST}")).status_code == 404
