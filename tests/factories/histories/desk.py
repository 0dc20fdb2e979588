"""Procore's contract payments with its own rules, and answers that are lost, late or wrong by chance."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from drawbridge.contracts.errors import Retryable
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.procore import (
    Ambiguous,
    ContractPayment,
    ContractPaymentChange,
    ContractPaymentDraft,
    NotSent,
    Ok,
    Outcome,
    Rejected,
)
from drawbridge.procore.problems import problem_from
from drawbridge.sandbox.procore.payments import change_payment, create_payment, delete_payment
from drawbridge.sandbox.procore.problems import ProcoreProblem
from drawbridge.sandbox.procore.state import PaymentRow, Procore
from tests.factories.histories.process import pass_by

APP = "drawbridge"
LATE_SECONDS = 0.15
PAUSE_SECONDS = 0.3

type Pause = Callable[[], Awaitable[None]]


@dataclass
class Desk:
    """The port of one company on the double; ``trouble`` is the chance of each call to go wrong."""

    procore: Procore
    rng: random.Random
    take_over: Pause
    trouble: float = 0.0
    late: set[asyncio.Task[None]] = field(default_factory=set)

    def of(self, vault: Vault) -> "Desk":
        """There is one company."""
        del vault
        return self

    async def contract_payments(self, project_id: int, commitment_id: int) -> list[ContractPayment]:
        """List, or fail."""
        del project_id
        await pass_by()
        if self.rng.random() < self.trouble / 3:
            raise Retryable("Procore is away.")
        rows = self.procore.payments_of(commitment_id)
        return [ContractPayment.model_validate(row.public) for row in rows]

    async def create_contract_payment(
        self, project_id: int, commitment_id: int, draft: ContractPaymentDraft
    ) -> Outcome[ContractPayment]:
        """Create one."""
        del project_id
        body = draft.body()
        return await self._write(lambda: create_payment(self.procore, commitment_id, body, APP))

    async def update_contract_payment(
        self, project_id: int, commitment_id: int, payment_id: int, change: ContractPaymentChange
    ) -> Outcome[ContractPayment]:
        """Change one."""
        del project_id, commitment_id
        body = change.body()

        def apply() -> PaymentRow:
            row = self._row(payment_id)
            change_payment(self.procore, row, body)
            return row

        return await self._write(apply)

    async def delete_contract_payment(
        self, project_id: int, commitment_id: int, payment_id: int
    ) -> Outcome[None]:
        """Delete one."""
        del project_id, commitment_id

        def apply() -> None:
            delete_payment(self.procore, self._row(payment_id))

        return await self._write(apply)

    async def all_late_answers(self) -> None:
        """Wait until nothing is under way any more."""
        while self.late:
            await asyncio.wait(set(self.late))

    def _row(self, payment_id: int) -> PaymentRow:
        found = self.procore.payments.get(payment_id)
        if found is None:
            raise ProcoreProblem(404, {"errors": "Not found"})
        return found

    async def _write(self, apply: Callable[[], PaymentRow | None]) -> Outcome[Any]:
        """Apply it now, later, twice as slow, or not at all; and tell, or not."""
        await pass_by()
        fate = "well" if self.rng.random() > self.trouble else self.rng.choice(_FATES)
        if fate == "paused":
            await self.take_over()
            await asyncio.sleep(PAUSE_SECONDS)
            await pass_by()
        if fate == "not_sent":
            return NotSent("No connection.")
        if fate == "refused":
            return Rejected(problem_from(422, b'{"errors": {"base": ["is locked"]}}'))
        if fate == "late":
            task = asyncio.create_task(self._later(apply))
            self.late.add(task)
            task.add_done_callback(self.late.discard)
            return Ambiguous("No answer.")
        try:
            row = apply()
        except ProcoreProblem as problem:
            return Rejected(problem_from(problem.status, b"{}"))
        if fate == "dropped":
            return Ambiguous("The answer was lost.")
        return Ok(ContractPayment.model_validate(row.public) if row else None)

    async def _later(self, apply: Callable[[], PaymentRow | None]) -> None:
        await asyncio.sleep(self.rng.uniform(0, 2) * LATE_SECONDS)
        try:
            apply()
        except ProcoreProblem:
            return


_FATES = ("not_sent", "refused", "late", "late", "dropped", "dropped", "paused")
