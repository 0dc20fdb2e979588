"""The port: what Drawbridge asks of any accounting system. Reading only; a ledger is never written."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from drawbridge.ledgers.facts import (
    Bill,
    BillKey,
    Capabilities,
    PaymentBatch,
    PaymentFacts,
    Sample,
    Unreadable,
)


class LedgerSource(Protocol):
    """One company's books in one accounting system.

    Every method raises `Retryable` when the ledger cannot be reached, and `Refused` when it can be reached
    but not read (login, permission, unexpected shape), with advice.

    What cannot be read inside of it is added to the list ``unreadable`` and left out of the answer. A caller
    without a list gets the first one as `Refused` (``ledger_row``): a short answer must not look complete.
    """

    @property
    def name(self) -> str:
        """The kind of ledger, for people."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can tell."""
        ...

    def payments_changed_since(
        self, cursor: datetime | None, overlap: timedelta
    ) -> AsyncIterator[PaymentBatch]:
        """Yield the payments that changed since ``cursor`` less ``overlap``; all of them without a cursor.

        The overlap answers stamps without a time, clocks that differ and the hour that summer time repeats:
        a day or more is right. Deleted payments are not seen: compare with `allocations_for`. No transaction
        in the ledger waits for what is done with a batch. What cannot be read is told in the batch.
        """
        ...

    async def allocations_for(
        self, bill_ids: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[PaymentFacts]:
        """Return every payment that touches these bills, each with all of its allocations.

        What is known to Drawbridge and missing here was deleted in the ledger, unless something
        ``unreadable`` touches the bill.
        """
        ...

    async def bills(self, keys: Sequence[BillKey], unreadable: list[Unreadable] | None = None) -> list[Bill]:
        """Return the bills that fit at least one key, voided ones too.

        Numbers are compared as the ledger stores them, cut where it cuts (`Capabilities`): a bill
        found by a cut number is a candidate, no proof.
        """
        ...

    async def bills_of_vendors(
        self, vendor_codes: Sequence[str], unreadable: list[Unreadable] | None = None
    ) -> list[Bill]:
        """Return all bills of these vendors, for matching by normalised number and amount."""
        ...

    async def check(self, show: int = 5) -> Sample:
        """Read everything once: the first ``show`` payments and bills, and every complaint."""
        ...

    async def rest(self) -> None:
        """Leave no idle connection in the ledger, for a run has ended; the next reading connects again."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
