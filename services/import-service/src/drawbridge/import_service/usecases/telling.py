"""The events that tell others what happened, one way for all use cases."""

from dataclasses import replace
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.import_commands import ImportCommand
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandPostponed, CommandRefused, Difference
from drawbridge.contracts.procore_invoices import ProcoreInvoice, ProcoreInvoiceState
from drawbridge.contracts.values import Change, version_after
from drawbridge.contracts.vaults import VaultProblemsReported
from drawbridge.import_service.store.invoices import StoredInvoice
from drawbridge.persistence import Transaction

SERVICE = "import-service"


def without_command(cause: Cause) -> Cause:
    """The same story, but closing no command: for events beside the answer."""
    return replace(cause, causation_id=None)


def raised(row: ProcoreInvoice, old: ProcoreInvoice | None, epoch: int) -> ProcoreInvoice:
    """The row under its next subject version."""
    return row.model_copy(update={"version": version_after(old.version if old else None, epoch)})


def tell_row(tx: Transaction, vault_id: str, row: ProcoreInvoice, change: Change, cause: Cause) -> None:
    """Tell that only the row changed."""
    tx.send(ProcoreInvoiceState(vault_id=vault_id, version=row.version, change=change, row=row), cause=cause)


def tell_invoice(
    tx: Transaction,
    vault_id: str,
    stored: StoredInvoice,
    row: ProcoreInvoice | None,
    change: Change,
    cause: Cause,
) -> None:
    """Tell that an AP invoice changed, with its row as of the same transaction."""
    state = InvoiceState(
        vault_id=vault_id, version=stored.version, change=change, invoice=stored.invoice, row=row
    )
    tx.send(state, cause=cause)


def report_problems(
    tx: Transaction, vault_id: str, version: int, problems: tuple[Problem, ...], cause: Cause
) -> None:
    """Say what is wrong with a version of a vault's settings; no problem means well."""
    report = VaultProblemsReported(
        vault_id=vault_id, service=SERVICE, settings_version=version, problems=problems
    )
    tx.send(report, cause=cause)


def refuse(
    tx: Transaction,
    command: ImportCommand,
    problem: Problem,
    cause: Cause,
    differences: tuple[Difference, ...] = (),
    content_hash: str | None = None,
) -> None:
    """Answer a command with no."""
    if cause.causation_id is None:
        return
    answer = CommandRefused(
        vault_id=command.vault_id,
        command_id=cause.causation_id,
        command_subject=command.subject(),
        problem=problem,
        differences=differences,
        content_hash=content_hash,
    )
    tx.send(answer, cause=cause)


def postpone(
    tx: Transaction,
    command: ImportCommand,
    problem: Problem,
    cause: Cause,
    *,
    attempt: int,
    next_at: datetime,
    waiting: bool,
) -> None:
    """Tell that a command is tried again later."""
    if cause.causation_id is None:
        return
    answer = CommandPostponed(
        vault_id=command.vault_id,
        command_id=cause.causation_id,
        command_subject=command.subject(),
        attempt=attempt,
        waiting=waiting,
        problem=problem,
        next_at=next_at,
    )
    tx.send(answer, cause=cause)


def require_version(expected: int | None, current: int | None) -> None:
    """Compare what the sender saw with what is there (design: "expected_version").

    Raises:
        Refused: ``version_conflict``, when it changed in the meantime.
    """
    if expected is not None and expected != current:
        raise Refused(
            "version_conflict",
            "It changed since you looked at it.",
            "Look at it again, then repeat what you wanted to do.",
        )
