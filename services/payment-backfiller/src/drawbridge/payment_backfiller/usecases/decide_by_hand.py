"""What a person decides about one allocation: tie, untie, dismiss, confirm, write anyway, retry, resolve.

Each is one transaction without an outside call. It changes what was decided before, settles the bill anew
like any other change of facts, and closes the command with the allocation's state.
"""

from dataclasses import replace
from datetime import datetime

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Problem, Refused
from drawbridge.contracts.message import message_class
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.payment_commands import (
    AllocationCommand,
    ConfirmForeign,
    Dismiss,
    ResolveByHand,
    RetryWriteBack,
    TieByHand,
    Untie,
    WriteAnyway,
)
from drawbridge.contracts.values import Change
from drawbridge.payment_backfiller.domain.standing import (
    again_by_hand,
    confirm_foreign,
    resolve_by_hand,
    write_anyway,
)
from drawbridge.payment_backfiller.store.allocations import AllocationView, find_allocation
from drawbridge.payment_backfiller.store.commitments import confirm_cover, uncover, want
from drawbridge.payment_backfiller.store.leases import finish
from drawbridge.payment_backfiller.store.vaults import Vault, lock_vault
from drawbridge.payment_backfiller.usecases.match_vendor import match_vendor_work
from drawbridge.payment_backfiller.usecases.publish_payments import publish_decision, publish_payments
from drawbridge.payment_backfiller.usecases.settle_bills import add_write_backs, settle_bills
from drawbridge.payment_backfiller.usecases.tie_by_hand import tie_by_hand, untie
from drawbridge.payment_backfiller.usecases.unknown_vault import unknown_vault
from drawbridge.persistence import CLICK, Database, NewWork, Origin, Transaction, WorkItem

DECIDE_BY_HAND = "decide_by_hand"


def decision_work(command: AllocationCommand, cause: Cause, origin: Origin) -> NewWork:
    """The work item that carries out a person's command."""
    return NewWork(
        kind=DECIDE_BY_HAND,
        subject=command.subject(),
        vault_id=command.vault_id,
        payload={"type": command.TYPE, "command": command.model_dump(mode="json")},
        cause=cause,
        priority=CLICK,
        origin=origin,
    )


class DecideByHand:
    """Handles the work items of kind ``decide_by_hand``."""

    kind = DECIDE_BY_HAND

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, item: WorkItem) -> None:
        """Decide, settle, and answer."""
        command = _command(item)
        story = replace(item.cause, causation_id=None)
        async with self._database.transaction() as tx:
            vault = await lock_vault(tx.session, item.vault_id)
            if vault is None:
                raise unknown_vault(item)
            await finish(tx, item)
            view = await _view(tx, vault, command)
            freed = view.bill.invoice_id
            _check_version(view, command)
            await _decide(tx, vault, view, command)
            await settle_bills(tx, vault, [view.bill.id], story, priority=CLICK)
            await publish_payments(tx, vault, (), [freed] if freed else [], story)
            await tx.add_work(match_vendor_work(vault.id, view.bill.vendor_key, story))
            change = Change(
                what=_HAPPENED[type(command)],
                at=tx.now,
                by=command.requested_by,
                detail=getattr(command, "reason", ""),
            )
            await publish_decision(tx, vault, await _view(tx, vault, command), change, item.cause)

    async def give_up(self, tx: Transaction, item: WorkItem, problem: Problem, *, refused: bool) -> None:
        """Answer no, with the reason."""
        del refused  # a decision that failed has changed nothing either
        if item.cause.causation_id is not None:
            refusal = CommandRefused(
                vault_id=item.vault_id,
                command_id=item.cause.causation_id,
                command_subject=item.subject,
                problem=problem,
            )
            tx.send(refusal, cause=item.cause)

    async def postponed(
        self, tx: Transaction, item: WorkItem, problem: Problem, next_at: datetime, *, waiting: bool
    ) -> None:
        """The operation stays queued."""


def _command(item: WorkItem) -> AllocationCommand:
    command = message_class(str(item.payload["type"])).model_validate(item.payload["command"])
    if not isinstance(command, AllocationCommand):
        raise TypeError(f"{command.TYPE} decides about no allocation.")
    return command


async def _view(tx: Transaction, vault: Vault, command: AllocationCommand) -> AllocationView:
    view = await find_allocation(tx.session, vault.id, command.allocation_id)
    if view is None:
        raise Refused(
            "unknown_allocation",
            f"The vault has no payment {command.allocation_id}.",
            "List the payments again.",
        )
    return view


_HAPPENED: dict[type[AllocationCommand], str] = {
    TieByHand: "tied_by_hand",
    Untie: "untied",
    Dismiss: "dismissed",
    ConfirmForeign: "foreign_confirmed",
    WriteAnyway: "foreign_overridden",
    RetryWriteBack: "retried",
    ResolveByHand: "resolved_by_hand",
}
"""What the history says happened."""


async def _decide(tx: Transaction, vault: Vault, view: AllocationView, command: AllocationCommand) -> None:
    match command:
        case TieByHand():
            await tie_by_hand(tx, vault, view, command)
        case Untie():
            await untie(tx, view, command)
        case Dismiss():
            _dismiss(tx, view, command)
        case ConfirmForeign():
            confirm_foreign(view.standing)
            await confirm_cover(tx.session, view.row.id, command.requested_by)
        case WriteAnyway():
            await _write_anyway(tx, vault, view)
        case RetryWriteBack():
            await _retry(tx, vault, view)
        case ResolveByHand():
            words = f"Resolved by {command.requested_by}: {command.reason}"
            view.set_standing(resolve_by_hand(view.standing, words))


def _check_version(view: AllocationView, command: AllocationCommand) -> None:
    if command.expected_version not in (None, view.row.version):
        raise Refused(
            "version_conflict",
            "This payment has changed since it was shown.",
            "Look at it again, then repeat the request.",
        )


def _dismiss(tx: Transaction, view: AllocationView, command: Dismiss) -> None:
    if view.invoice is not None:
        raise Refused(
            "tied", "This payment is tied to an AP invoice.", "Untie it first if it does not belong there."
        )
    view.row.dismissed = {
        "by": command.requested_by,
        "at": tx.now.isoformat(),
        "reason": command.reason,
    }


async def _write_anyway(tx: Transaction, vault: Vault, view: AllocationView) -> None:
    view.set_standing(write_anyway(view.standing))
    if view.foreign is not None:
        view.row.overridden = sorted({*view.row.overridden, view.foreign.contract_payment_id})
    await uncover(tx.session, view.row.id)
    await want(tx.session, vault.id, view.commitments())


async def _retry(tx: Transaction, vault: Vault, view: AllocationView) -> None:
    view.row.dismissed = None
    view.set_standing(again_by_hand(view.standing))
    await want(tx.session, vault.id, view.commitments())
    await add_write_backs(tx, vault, view.commitments(), Cause.new(), priority=CLICK)
