"""Payments: allocations of the ledger, their matches and write-backs, and the jobs that carry them."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.message import Command, StateEvent
from drawbridge.contracts.values import Amount, ProcoreId, Timestamp, Value, VaultId
from drawbridge.contracts.vaults import JobName

PAYMENT_BACKFILLER = "payment-backfiller"

PaymentMethod = Literal["check", "credit_card", "electronic"]
PaymentState = Literal["unpaid", "partially_paid", "paid", "overpaid"]
MatchKey = Literal["ledger_bill_id", "invoice_number", "normalised_invoice_number", "by_hand"]
WriteState = Literal[
    "not_needed",
    "planned",
    "sending",
    "written",
    "covered_by_foreign",
    "removed",
    "offset",
    "needs_hand",
    "resolved",
]
"""``not_needed``: no cash, not posted, before go-live, dismissed or unmatched; ``sending``: an answer is
owed; ``needs_hand``: Procore refused, a person must act there; ``resolved``: a person has acted there;
``removed``: voided and taken back; ``offset``: voided, but Procore refuses to remove our row, so a second one
of the opposite amount stands beside it."""


class LedgerPayment(Value):
    """A check, ACH or card payment as the ledger has it. ``number`` is not unique."""

    id: str
    number: str | None
    date: date
    method: PaymentMethod
    bank_account: str | None = None
    payee: str | None = None
    joint_payee: str | None = None
    voided: bool = False


class Bill(Value):
    """The ledger's bill that an allocation settles; amounts in the allocation's currency."""

    id: str
    vendor_code: str
    invoice_number: str
    total: Amount | None = None
    retainage: Amount | None = None


class Match(Value):
    """Which AP invoice a bill is, by which key, and the evidence in words.

    ``problem`` is set where the AP invoice's owner does not know it any more.
    """

    invoice_id: UUID
    project_id: ProcoreId
    commitment_id: ProcoreId
    requisition_id: ProcoreId
    key: MatchKey
    evidence: str
    problem: Problem | None = None


class Unmatched(Value):
    """Why no AP invoice was found, or which candidates there are."""

    reason: str
    candidates: tuple[UUID, ...] = ()


class Cover(Value):
    """The contract payment typed by hand that stands for an allocation; ``confirmed_by``: a person agrees."""

    contract_payment_id: ProcoreId
    evidence: str
    confirmed_by: str = ""


class WriteBack(Value):
    """Where our contract payment stands.

    ``amount`` is what Procore shows of ours, if anything; ``linked`` is false where Procore shows it without
    the requisition that we named. In the state ``offset`` the amount is the sum of both rows; ``offset_id``
    is the second.
    """

    state: WriteState
    contract_payment_id: ProcoreId | None = None
    offset_id: ProcoreId | None = None
    amount: Amount | None = None
    linked: bool = True
    cover: Cover | None = None
    problem: Problem | None = None
    note: str = ""


class Dismissal(Value):
    """A person took an unmatched allocation off the list."""

    by: str
    at: Timestamp
    reason: str


class AllocationState(StateEvent):
    """The part of a ledger payment that settles one bill: the unit that is written to Procore."""

    TYPE: ClassVar[str] = "drawbridge.allocation.state.v1"

    id: UUID
    vault_id: VaultId
    ledger: str
    payment: LedgerPayment
    bill: Bill
    cash: Amount
    discount: Amount
    credit: Amount
    currency: str
    match: Match | None = None
    unmatched: Unmatched | None = None
    dismissed: Dismissal | None = None
    write_back: WriteBack

    def subject(self) -> str:
        """``allocation/<vault>/<allocation>``."""
        return f"allocation/{self.vault_id}/{self.id}"


class PaymentLine(Value):
    """One payment on an AP invoice, as stored there: check number, date and cash amount."""

    allocation_id: UUID
    number: str | None
    date: date
    method: PaymentMethod
    cash: Amount
    write_state: WriteState


class InvoicePaymentsState(StateEvent):
    """What the ledger has paid of one AP invoice; closed by S against ``payable`` (product, Payments).

    S = Σ(cash + discount + credit) of the live allocations; ``cause`` says why ``payable`` is not net due.
    """

    TYPE: ClassVar[str] = "drawbridge.invoice-payments.state.v1"

    vault_id: VaultId
    invoice_id: UUID
    requisition_id: ProcoreId
    payment_state: PaymentState
    payable: Amount
    cash: Amount
    discount: Amount
    credit: Amount
    currency: str
    payments: tuple[PaymentLine, ...] = ()
    cause: str = ""

    def subject(self) -> str:
        """``invoice-payments/<vault>/<invoice>``."""
        return f"invoice-payments/{self.vault_id}/{self.invoice_id}"


class JobState(StateEvent):
    """One payment job of a vault: its schedule, its last and next run, and whether it is well."""

    TYPE: ClassVar[str] = "drawbridge.job.state.v1"

    vault_id: VaultId
    job: JobName
    enabled: bool
    schedule: str
    status: Literal["ok", "off", "failing"]
    reason: str = ""
    last_run_id: UUID | None = None
    last_run_at: Timestamp | None = None
    next_run_at: Timestamp | None = None

    def subject(self) -> str:
        """``job/<vault>/<job>``."""
        return f"job/{self.vault_id}/{self.job}"


class RunState(StateEvent):
    """One execution of a job; ``counts`` and ``log`` are for people.

    ``log`` holds the last 200 lines, of a dry run the last 10 000: all that would be written.
    """

    TYPE: ClassVar[str] = "drawbridge.run.state.v1"

    id: UUID
    vault_id: VaultId
    job: JobName
    dry_run: bool
    status: Literal["running", "done", "failed"]
    requested_by: str
    started_at: Timestamp
    finished_at: Timestamp | None = None
    counts: dict[str, int] = Field(default_factory=dict)
    log: tuple[str, ...] = ()
    problem: Problem | None = None

    def subject(self) -> str:
        """``run/<vault>/<run>``."""
        return f"run/{self.vault_id}/{self.id}"


class RunJob(Command):
    """Run a payment job now; ``dry_run`` reports what would be written and writes nothing."""

    TYPE: ClassVar[str] = "drawbridge.job-run.requested.v1"
    TO: ClassVar[str] = PAYMENT_BACKFILLER

    vault_id: VaultId
    job: JobName
    dry_run: bool = False
    requested_by: str

    def subject(self) -> str:
        """``job/<vault>/<job>``."""
        return f"job/{self.vault_id}/{self.job}"
