"""Everything in Tryton that says how some bills were paid."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from drawbridge.ledgers.table import Raw
from drawbridge.ledgers.tryton.books import TrytonBooks
from drawbridge.ledgers.tryton.names import (
    BILL,
    BILL_FIELDS,
    BILLS,
    LINE,
    LINE_FIELDS,
    MOVE,
    MOVE_FIELDS,
    PAYMENT,
    PAYMENT_FIELDS,
    PAYMENTS,
    RECONCILIATION,
    RECONCILIATION_FIELDS,
    origin,
)


@dataclass(slots=True)
class Gathered:
    """Records by id. ``owners`` tells the bill of each move that is a bill's own."""

    bills: dict[int, Raw] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    payments: dict[int, Raw] = field(default_factory=dict)
    moves: dict[int, Raw] = field(default_factory=dict)
    lines: dict[int, Raw] = field(default_factory=dict)
    reconciliations: dict[int, Raw] = field(default_factory=dict)
    delegates: dict[int, int] = field(default_factory=dict)
    """The move of each line to which a reconciliation moved the debt, by the line."""
    direct: set[int] = field(default_factory=set)
    """Moves that pay bills without an ``account.payment``."""
    reversals: dict[int, list[Raw]] = field(default_factory=dict)
    """What took such a move back, by the move."""

    def paid_by(self, line: Raw) -> int | None:
        """The bill that a line of a direct payment is for: as it was tied, else as its move says."""
        if line["move"] in self.owners:
            return None
        tied: list[int] = line["invoice_payments"]
        if tied:
            return min(tied)
        bill = origin(self.moves[line["move"]], BILL)
        return bill if bill in self.bills and line["account"] == self.bills[bill]["account"] else None


async def gather(books: TrytonBooks, bill_ids: Iterable[int]) -> Gathered:
    """Read all that touches these bills; what a payment or a reconciliation holds is complete.

    Raises:
        Fault: when a record of it cannot be read; a part would be a wrong amount.
    """
    found = Gathered()
    asked = set(bill_ids)
    await _bills(books, found, asked)
    await _reconciliations(books, found)
    await _payments(books, found)
    await _direct_payments(books, found, asked)
    return found


async def bills_of_moves(books: TrytonBooks, moves: Iterable[int]) -> list[int]:
    """The bills to which these moves belong. Rescheduled and delegated lines are additional moves."""
    wanted = sorted(set(moves))
    if not wanted:
        return []
    ways = ["OR", *[(name, "in", wanted) for name in ("move", "cancel_move", "additional_moves")]]
    return await books.search(BILL, [*BILLS, ways])


async def _bills(books: TrytonBooks, found: Gathered, ids: Iterable[int]) -> None:
    new = set(ids) - found.bills.keys()
    if not new:
        return
    real = await books.search(BILL, [*BILLS, ("id", "in", sorted(new))])
    for bill in await books.read(BILL, real, BILL_FIELDS):
        found.bills[bill["id"]] = bill
        own = (bill["move"], bill["cancel_move"], *(bill["additional_moves"] or ()))
        found.owners |= dict.fromkeys((move for move in own if move is not None), bill["id"])


async def _bills_of(books: TrytonBooks, found: Gathered, moves: Iterable[int]) -> None:
    await _bills(books, found, await bills_of_moves(books, set(moves) - found.owners.keys()))


async def _lines(books: TrytonBooks, found: Gathered, domain: list[object]) -> list[Raw]:
    ids = await books.search(LINE, domain, of_company=False)
    lines = await books.read(LINE, ids, LINE_FIELDS)
    found.lines |= {line["id"]: line for line in lines}
    return lines


async def _moves(books: TrytonBooks, found: Gathered, ids: Iterable[int]) -> None:
    new = set(ids) - found.moves.keys()
    found.moves |= {move["id"]: move for move in await books.read(MOVE, new, MOVE_FIELDS)}


async def _reconciliations(books: TrytonBooks, found: Gathered) -> None:
    """Those of the bills' own lines, with all lines and all other bills in them."""
    own = sorted(found.owners)
    settled = await _lines(books, found, [("move", "in", own), ("reconciliation", "!=", None)])
    ids = sorted({line["reconciliation"] for line in settled})
    for each in await books.read(RECONCILIATION, ids, RECONCILIATION_FIELDS):
        found.reconciliations[each["id"]] = each
    lines = await _lines(books, found, [("reconciliation", "in", ids)])
    delegates = {each["delegate_to"] for each in found.reconciliations.values()} - {None}
    for line in await books.read(LINE, delegates, ("move",)):
        found.delegates[line["id"]] = line["move"]
    await _bills_of(books, found, (line["move"] for line in lines))
    await _bills(books, found, (bill for line in lines for bill in line["invoice_payments"]))
    await _moves(books, found, (line["move"] for line in lines))


async def _payments(books: TrytonBooks, found: Gathered) -> None:
    """Those on the bills' lines, and the others of their check runs."""
    on_bills = await books.search(PAYMENT, [*PAYMENTS, ("line.move", "in", sorted(found.owners))])
    payments = await books.read(PAYMENT, on_bills, PAYMENT_FIELDS)
    groups = sorted({payment["group"] for payment in payments} - {None})
    parties = sorted({payment["party"] for payment in payments})
    mates = [("group", "in", groups), ("party", "in", parties), ("id", "not in", on_bills)]
    others = await books.search(PAYMENT, [*PAYMENTS, *mates]) if groups else []
    payments += await books.read(PAYMENT, others, PAYMENT_FIELDS)
    found.payments = {payment["id"]: payment for payment in payments}
    await _bills_of(books, found, (payment["line."]["move"] for payment in payments))


async def _direct_payments(books: TrytonBooks, found: Gathered, asked: set[int]) -> None:
    """The wizard's moves name the bill as their origin, and stay when they are taken back."""
    origins = [f"{BILL},{bill}" for bill in sorted(asked & found.bills.keys())]
    moves = set(await books.search(MOVE, [("origin", "in", origins)])) - found.owners.keys()
    tied = [each for bill in asked & found.bills.keys() for each in found.bills[bill]["payment_lines"]]
    moves |= {line["move"] for line in await _lines(books, found, [("id", "in", tied)])}
    await _moves(books, found, moves)
    lines = await _lines(books, found, [("move", "in", sorted(moves)), ("account.type.payable", "=", True)])
    await _bills(books, found, (bill for line in lines for bill in line["invoice_payments"]))
    found.direct = {move for move in moves if origin(found.moves[move], PAYMENT) is None}
    named = [f"{MOVE},{move}" for move in sorted(found.direct)]
    back = await books.search(MOVE, [("origin", "in", named)]) if named else []
    for reversal in await books.read(MOVE, back, MOVE_FIELDS):
        found.reversals.setdefault(origin(reversal, MOVE) or 0, []).append(reversal)
