"""The drop folder: which files are taken, where they go, what is told of the others."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from drawbridge.contracts.errors import Refused, Retryable
from drawbridge.ledgers import DropLedger, PaymentBatch, Unreadable, open_ledger
from drawbridge.ledgers.drop.place import Place
from tests.factories.ledgers.drop import LONG_AGO, drop

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ROW = {
    "payment_id": "P-1",
    "bill_id": "B-1",
    "vendor_code": "V-1007",
    "date": "2026-03-01",
    "method": "check",
    "cash": "10.25",
}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> DropLedger:
    return DropLedger(Place(tmp_path), "USD", clock)


async def read(ledger: DropLedger, cursor: datetime | None = None) -> list[PaymentBatch]:
    return [batch async for batch in ledger.payments_changed_since(cursor, timedelta(0))]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def cash(ledger: DropLedger) -> list[str]:
    return [
        str(part.cash) for batch in await read(ledger) for facts in batch.facts for part in facts.allocations
    ]


async def test_taken_file_is_archived_with_the_time_before_its_name(
    tmp_path: Path, ledger: DropLedger
) -> None:
    drop(tmp_path, "payments.csv", [ROW])
    assert await cash(ledger) == ["10.25"]
    assert names(tmp_path) == ["archive", "books.sqlite"]
    assert names(tmp_path / "archive") == ["20260301T090000000000Z-payments.csv"]


async def test_refused_file_is_told_once_and_kept_with_its_reasons_by_row(
    tmp_path: Path, ledger: DropLedger
) -> None:
    bad = [ROW, {**ROW, "cash": "1,000"}, {**ROW, "date": "31/03/2026", "payment_id": ""}]
    drop(tmp_path, "payments-1.csv", bad)
    drop(tmp_path, "payments-2.csv", [{**ROW, "payment_id": "P-2"}])
    refused, taken = await read(ledger)
    (complaint,) = refused.unreadable
    assert (complaint.kind, complaint.id) == ("file", "payments-1.csv")
    assert [facts.payment.id for facts in taken.facts] == ["P-2"]
    report, file = names(tmp_path / "errors")[::-1]
    assert report == f"{file}.txt"
    lines = (tmp_path / "errors" / report).read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[:2] for line in lines] == [
        ["row 3", " cash"],
        ["row 4", " payment_id"],
        ["row 4", " date"],
    ]
    assert [batch.unreadable for batch in await read(ledger)] == [()]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("payments.csv", "payment_id,cash\nP,1,2\n", "row 2 has more cells than the header"),
        ("payments.csv", "payment_id,colour\nP,red\n", "colour: extra inputs are not permitted"),
        ("payments.csv", b"payment_id\n\xff\n", "the file cannot be read"),
        ("payments.json", "{}", "it is no list of objects"),
        ("payments.json", "[{", "the file cannot be read"),
        ("payments.json", "[7]", "row 1: input should be"),
        ("bills.json", '[{"id": 7}]', "row 1: id: input should be a valid string"),
        ("checks.csv", "id\n1\n", "the name begins with neither payments nor bills"),
    ],
)
async def test_file_that_is_not_as_described_is_refused_whole(
    tmp_path: Path, ledger: DropLedger, name: str, content: str | bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (LONG_AGO, LONG_AGO))
    (batch,) = await read(ledger)
    assert words in batch.unreadable[0].reason
    assert len(names(tmp_path / "errors")) == 2


async def test_half_written_and_strange_files_are_left_alone(
    tmp_path: Path, ledger: DropLedger, clock: Clock
) -> None:
    fresh = drop(tmp_path, "payments-fresh.csv", [ROW])
    os.utime(fresh, (NOW.timestamp() - 3, NOW.timestamp() - 3))
    for name in (".payments.csv", "~payments.csv", "payments.csv.part", "readme.txt"):
        drop(tmp_path, name, [ROW])
    assert await read(ledger) == []
    assert len(names(tmp_path)) == 6  # with the empty books
    clock.now += timedelta(seconds=8)
    assert await cash(ledger) == ["10.25"]
    assert len(names(tmp_path / "archive")) == 1


async def test_file_that_is_dropped_twice_changes_nothing(tmp_path: Path, ledger: DropLedger) -> None:
    drop(tmp_path, "payments.csv", [ROW, {**ROW, "cash": "5"}])
    assert await cash(ledger) == ["15.25"]
    drop(tmp_path, "payments.csv", [ROW, {**ROW, "cash": "5"}])
    assert await cash(ledger) == ["15.25"]


async def test_later_file_replaces_the_whole_payment_and_is_a_change(
    tmp_path: Path, ledger: DropLedger, clock: Clock
) -> None:
    drop(tmp_path, "payments.csv", [ROW, {**ROW, "bill_id": "B-2"}])
    (first,) = await read(ledger)
    assert first.cursor == NOW
    clock.now += timedelta(minutes=5)
    drop(tmp_path, "payments.csv", [{**ROW, "cash": "7"}])
    (second,) = await read(ledger, first.cursor + timedelta(seconds=1))
    assert [(part.bill_id, str(part.cash)) for part in second.facts[0].allocations] == [("B-1", "7")]
    assert second.cursor == clock.now


async def test_files_are_taken_in_the_order_of_their_names(tmp_path: Path, ledger: DropLedger) -> None:
    drop(tmp_path, "payments-2.csv", [{**ROW, "cash": "2"}])
    drop(tmp_path, "payments-1.csv", [{**ROW, "cash": "1"}])
    assert await cash(ledger) == ["2"]


async def test_trial_reading_tells_what_would_be_taken_and_touches_nothing(
    tmp_path: Path, ledger: DropLedger
) -> None:
    drop(tmp_path, "payments-1.csv", [ROW])
    drop(tmp_path, "payments-2.csv", [{**ROW, "method": "barter"}])
    sample = await ledger.check()
    assert (sample.payment_rows, [facts.payment.id for facts in sample.payments]) == (1, ["P-1"])
    assert [each.id for each in sample.unreadable] == ["payments-2.csv"]
    assert names(tmp_path) == ["payments-1.csv", "payments-2.csv"]


async def test_refused_file_is_told_to_whoever_asks_first(tmp_path: Path, ledger: DropLedger) -> None:
    drop(tmp_path, "payments.csv", [{**ROW, "cash": ""}])
    unreadable: list[Unreadable] = []
    assert await ledger.allocations_for(["B-1"], unreadable) == []
    assert [each.id for each in unreadable] == ["payments.csv"]


async def test_folder_may_have_any_name(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "Bücher #1? 100%"
    folder.mkdir()
    drop(folder, "payments.csv", [ROW])
    assert await cash(DropLedger(Place(folder), "USD", clock)) == ["10.25"]


async def test_folder_that_is_away_may_come_back(tmp_path: Path) -> None:
    ledger = open_ledger({"folder": str(tmp_path / "none")})
    for asked in (ledger.allocations_for(["b"]), ledger.bills_of_vendors(["V"]), ledger.check()):
        with pytest.raises(Retryable) as caught:
            await asked
        assert caught.value.problem.code == "ledger_unreachable"


async def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.touch()
    with pytest.raises(Refused) as caught:
        await open_ledger({"folder": str(place)}).allocations_for(["b"])
    assert caught.value.problem.code == "ledger_unreadable"


@pytest.mark.parametrize(
    "entry",
    [{}, {"preset": "sage100"}, {"url": "env:X"}, {"folder": "/x", "preset": "sage100"}],
)
def test_entry_is_either_a_database_or_a_folder(entry: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        open_ledger(entry)
    assert "either preset and url, or tryton, or folder" in caught.value.problem.message


@pytest.fixture
def bucket() -> Iterator[str]:
    """The address of a folder that is on no disk."""
    files = fsspec.filesystem("memory")
    files.makedirs("/drops")
    yield "memory://drops"
    files.rm("/drops", recursive=True)


def put(name: str, rows: list[dict[str, str]]) -> None:
    """Drop a finished file there."""
    files = fsspec.filesystem("memory")
    files.pipe_file(f"/drops/{name}", json.dumps(rows).encode())
    files.store[f"/drops/{name}"].modified = datetime.fromtimestamp(LONG_AGO, UTC)


async def test_folder_behind_a_url_is_worked_on_like_one_on_a_disk(
    bucket: str, tmp_path: Path, clock: Clock
) -> None:
    ledger = DropLedger(Place(bucket), "USD", clock, tmp_path)
    put("payments-1.json", [ROW])
    put("payments-2.json", [{**ROW, "method": "barter"}])
    refused, taken = await read(ledger)
    assert [each.id for each in refused.unreadable] == ["payments-2.json"]
    assert [facts.payment.id for facts in taken.facts] == ["P-1"]
    place = Place(bucket)
    assert place.names() == []
    assert place.names("archive") == ["20260301T090000000000Z-payments-1.json"]
    aside = "20260301T090000000000Z-payments-2.json"
    assert place.names("errors") == [aside, f"{aside}.txt"]
    assert place.read(f"errors/{aside}.txt").startswith(b"row 1: method:")
    fsspec.filesystem("memory").pipe_file("/drops/payments-3.json", b"[]")  # still being written
    clock.now = datetime.now(UTC)
    assert await cash(ledger) == ["10.25"]
    assert place.names() == ["payments-3.json"]


async def test_workers_with_books_of_their_own_tell_the_same(
    bucket: str, tmp_path: Path, clock: Clock
) -> None:
    one, other = (DropLedger(Place(bucket), "USD", clock, folder_of(tmp_path, name)) for name in "ab")
    put("payments-1.json", [ROW])
    assert await cash(one) == ["10.25"]
    clock.now += timedelta(minutes=1)
    put("payments-1.json", [{**ROW, "cash": "7"}])
    assert await cash(other) == ["7"]
    assert await cash(one) == ["7"]
    assert [batch.cursor for batch in await read(one)] == [batch.cursor for batch in await read(other)]


async def test_worker_whose_clock_is_two_days_behind_hides_nothing(
    tmp_path: Path, ledger: DropLedger, clock: Clock
) -> None:
    drop(tmp_path, "payments-1.csv", [ROW])
    (first,) = await read(ledger)
    clock.now -= timedelta(days=2)
    drop(tmp_path, "payments-2.csv", [{**ROW, "payment_id": "P-2"}])
    told = [batch async for batch in ledger.payments_changed_since(first.cursor, timedelta(days=2))]
    assert {facts.payment.id for batch in told for facts in batch.facts} == {"P-1", "P-2"}


async def test_lost_books_are_made_again_from_the_archive(
    tmp_path: Path, ledger: DropLedger, clock: Clock
) -> None:
    drop(tmp_path, "payments.csv", [ROW])
    told = await read(ledger)
    await ledger.close()
    (tmp_path / "books.sqlite").unlink()
    clock.now += timedelta(days=1)
    assert await read(DropLedger(Place(tmp_path), "USD", clock)) == told


async def test_file_that_was_archived_in_between_counts_at_its_place(
    bucket: str, tmp_path: Path, clock: Clock
) -> None:
    ledger = DropLedger(Place(bucket), "USD", clock, tmp_path)
    put("payments-1.json", [{**ROW, "cash": "2"}])
    assert await cash(ledger) == ["2"]
    earlier = json.dumps([{**ROW, "cash": "1"}]).encode()
    files = fsspec.filesystem("memory")
    files.pipe_file("/drops/archive/20260301T080000000000Z-payments-1.json", earlier)
    assert await cash(ledger) == ["2"]


def test_folder_behind_a_url_needs_another_one_for_its_books() -> None:
    for entry in ({"folder": "memory://drops"}, {"folder": "nosuch://drops", "books": "/tmp"}):  # noqa: S108
        with pytest.raises(Refused) as caught:
            open_ledger(entry)
        assert caught.value.problem.code == "ledger_settings"


def folder_of(parent: Path, name: str) -> Path:
    """A folder of that name."""
    (parent / name).mkdir()
    return parent / name
