"""The allocation: the part of a ledger payment that settles one bill, and how its row in Procore is known."""

import base64
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha1
from uuid import UUID, uuid5

from drawbridge.contracts.payments import PaymentMethod

_NAMESPACE = UUID("6d3a2c0e-1f5b-5f57-9a44-0b0d7e5c9e21")
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""What RFC 9562 makes of the first digit of a UUID's ninth byte."""

_MARK = re.compile(r"\[DB-[A-Z2-7]{16}\]\Z")


@dataclass(frozen=True, slots=True)
class Allocation:
    """What the ledger says of it. ``gone``: the ledger no longer lists it, which voids it as well."""

    id: UUID
    cash: Decimal
    discount: Decimal
    credit: Decimal
    currency: str
    number: str | None
    date: date
    method: PaymentMethod
    joint_payee: str | None = None
    posted: bool = True
    payment_voided: bool = False
    gone: bool = False

    @property
    def settled(self) -> Decimal:
        """What it takes off the bill, if it is live."""
        return self.cash + self.discount + self.credit

    @property
    def voided(self) -> bool:
        """All three shapes of a void: a state of the payment, a deletion, rows that cancel each other."""
        return self.payment_voided or self.gone or not (self.cash or self.discount or self.credit)

    @property
    def live(self) -> bool:
        """Whether it counts: posted, and not voided."""
        return self.posted and not self.voided


def allocation_id(vault_id: str, ledger: str, payment_id: str, bill_id: str) -> str:
    """One id for life for (ledger payment x bill), the same on every machine and after every restore.

    The hexadecimal digits of a UUID of version 5, without the object: a ledger has millions of them.
    """
    name = f"{vault_id}\x1f{ledger}\x1f{payment_id}\x1f{bill_id}".encode()
    digits = sha1(_NAMESPACE.bytes + name, usedforsecurity=False).hexdigest()
    return f"{digits[:12]}5{digits[13:16]}{_VARIANT[digits[16]]}{digits[17:32]}"


def mark_of(key: UUID) -> str:
    """Our short mark at the end of the notes (21 characters): how a row proves to be ours.

    ``key`` is the id of an allocation, or of its offset.
    """
    return f"[DB-{base64.b32encode(key.bytes[:10]).decode()}]"


def offset_key(allocation: UUID) -> UUID:
    """The id for life of an allocation's offset, from which that one's mark and ``origin_id`` follow."""
    return uuid5(allocation, "offset")


def origin_id_of(key: UUID) -> str:
    """Our key in Procore's ``origin_id``, unique in the company; of an allocation or an offset."""
    return f"drawbridge:{key}"


def mark_in(notes: str | None) -> str | None:
    """The mark at the end of a row's notes, if there is one."""
    found = _MARK.search((notes or "").rstrip())
    return found[0] if found else None


def notes_of(allocation: Allocation) -> str:
    """What a person in Procore should know and has no other member, then the mark."""
    words = []
    if allocation.discount:
        words.append(f"Discount {allocation.discount:.2f} taken.")
    if allocation.credit:
        words.append(f"Credit {allocation.credit:.2f} applied.")
    if allocation.joint_payee:
        words.append(f"Joint payee: {allocation.joint_payee}.")
    if allocation.number and allocation.method != "check":
        words.append(f"Payment {allocation.number}.")
    return " ".join([*words, mark_of(allocation.id)])
