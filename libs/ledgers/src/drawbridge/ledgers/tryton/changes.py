"""What changed in Tryton since a moment, and which bills it touches."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from drawbridge.ledgers.facts import Unreadable
from drawbridge.ledgers.progress import Change
from drawbridge.ledgers.table import Raw
from drawbridge.ledgers.tryton.books import Domain, TrytonBooks
from drawbridge.ledgers.tryton.gathering import bills_of_moves
from drawbridge.ledgers.tryton.names import (
    BILL,
    BILLS,
    LINE,
    MOVE,
    PAYMENT,
    PAYMENTS,
    RECONCILIATION,
    move_id,
    origin,
    payment_id,
    reconciliation_id,
    stamp,
    utc,
)

_STAMPS = ("create_date", "write_date")


class Changes:
    """All changes since ``since`` (the server's own time), or all that there is."""

    def __init__(self, books: TrytonBooks, since: datetime | None, zone: ZoneInfo) -> None:
        self._books = books
        self._zone = zone
        self._recent: Domain = [] if since is None else [_since(since)]
        self.lost: list[Unreadable] = []
        """Records that cannot be read at all."""

    async def find(self) -> list[Change]:
        """Oldest first. A payment that changed in several places comes several times."""
        found = [*await self._payments(), *await self._moves(), *await self._ties()]
        return sorted([*found, *await self._reconciliations()], key=lambda change: change.order)

    async def _payments(self) -> list[Change]:
        fields = ("group", "party", "reference", "line.move", *_STAMPS)
        records = await self._read(PAYMENT, PAYMENTS, fields)
        bills = await self._bills_by_move(record["line."]["move"] for record in records)
        return [
            self._change(payment_id(record), record, [bills[record["line."]["move"]]])
            for record in records
            if record["line."]["move"] in bills
        ]

    async def _moves(self) -> list[Change]:
        """Entries that name a bill as their origin, and entries that take another back."""
        wizard: Domain = [("origin.type", "=", "in", BILL)]
        records = await self._read(MOVE, wizard, ("origin", *_STAMPS))
        changes = [self._change(move_id(each["id"]), each, [origin(each, BILL) or 0]) for each in records]
        back = await self._read(MOVE, [("origin", "like", f"{MOVE},%")], ("origin", *_STAMPS))
        taken = [found for each in back if (found := origin(each, MOVE)) is not None]
        originals = {each["id"]: each for each in await self._books.read(MOVE, taken, ("origin",))}
        for each in back:
            bill = origin(originals.get(origin(each, MOVE) or 0, {"origin": None}), BILL)
            if bill is not None:
                changes.append(self._change(move_id(origin(each, MOVE) or 0), each, [bill]))
        return changes

    async def _ties(self) -> list[Change]:
        """Lines that somebody tied to a bill, which changes the bill."""
        fields = ("payment_lines", *_STAMPS)
        bills = await self._read(BILL, [*BILLS, ("payment_lines", "!=", None)], fields)
        tied = {line for bill in bills for line in bill["payment_lines"]}
        moves = {line["id"]: line["move"] for line in await self._books.read(LINE, tied, ("move",))}
        return [
            self._change(move_id(moves[line]), bill, [bill["id"]])
            for bill in bills
            for line in bill["payment_lines"]
        ]

    async def _reconciliations(self) -> list[Change]:
        fits: Domain = [("lines.account.type.payable", "=", True)]
        records = {each["id"]: each for each in await self._read(RECONCILIATION, fits, _STAMPS)}
        asked = [("reconciliation", "in", sorted(records))]
        ids = await self._books.search(LINE, asked, of_company=False) if records else []
        lines = await self._books.read(LINE, ids, ("move", "reconciliation"))
        bills = await self._bills_by_move(line["move"] for line in lines)
        return [
            self._change(
                reconciliation_id(line["reconciliation"]),
                records[line["reconciliation"]],
                [bills[line["move"]]],
            )
            for line in lines
            if line["move"] in bills
        ]

    async def _read(self, model: str, fits: Domain, fields: Sequence[str]) -> list[Raw]:
        ids = await self._books.search(model, [*fits, *self._recent])
        records, bad = await self._books.read_what_can_be(model, ids, fields)
        self.lost += [
            Unreadable("payment", f"{model} {each}", "Tryton fails when it is read") for each in bad
        ]
        return records

    async def _bills_by_move(self, moves: Iterable[int]) -> dict[int, int]:
        ids = await bills_of_moves(self._books, moves)
        own = ("move", "cancel_move", "additional_moves")
        return {
            move: bill["id"]
            for bill in await self._books.read(BILL, ids, own)
            for move in (bill["move"], bill["cancel_move"], *(bill["additional_moves"] or ()))
            if move is not None
        }

    def _change(self, identity: str, record: Raw, bills: Sequence[int]) -> Change:
        return Change(identity, utc(stamp(record), self._zone), tuple(str(bill) for bill in bills if bill))


def _since(moment: datetime) -> Domain:
    """Records of which nobody knows when they changed count as changed: they must not be passed over."""
    stampless = [(name, "=", None) for name in _STAMPS]
    return ["OR", *[(name, ">=", moment) for name in _STAMPS], stampless]
