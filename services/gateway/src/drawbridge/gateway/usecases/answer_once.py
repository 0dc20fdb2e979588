"""Do what a request asks for once, however often it is repeated under one ``Idempotency-Key``.

A key is claimed before anything is done, and its answer is stored before it is sent. A process that dies in
between leaves a claim without an answer; the repeat that finds it takes it over, and meets the operation that
was begun, because an operation's id is derived from the claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from drawbridge.contracts import Refused
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.gateway.store.answers import add_claim, drop_answers, drop_claim, keep_answer, lock_claim
from drawbridge.gateway.store.caller_tables import AnswerRow
from drawbridge.gateway.usecases.tools import Asking, Tools
from drawbridge.persistence import Database
from drawbridge.runtime import utc_now

KEPT = timedelta(days=1)
"""How long an answer is kept for repeats."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request has claimed; ``id`` is the same for whoever takes the claim over."""

    id: UUID
    caller: str
    key: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer that an earlier request with the same key got."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def claim_answer(
    tools: Tools, asking: Asking, key: str, fingerprint: str, patience: timedelta
) -> Claim | KeptAnswer:
    """Claim the key, or give the stored answer again; a claim older than ``patience`` is taken over.

    Raises:
        Invalid: ``idempotency_key_reused``, when the key came with another request before.
        Refused: ``still_running``, while the first request runs.
    """
    caller = asking.caller.name
    async with tools.database.transaction() as tx:
        row = AnswerRow(caller=caller, key=key, claim=uuid4(), fingerprint=fingerprint, claimed_at=tx.now)
        if await add_claim(tx.session, row):
            return Claim(row.claim, caller, key)
        known = await lock_claim(tx.session, caller, key)
        if known is None:
            raise _still_running()
        if known.fingerprint != fingerprint:
            raise Invalid(
                "idempotency_key_reused",
                "This Idempotency-Key came with another request before.",
                "Use a new key for each new request; repeat a request exactly as it was.",
            )
        if known.status is not None:
            return KeptAnswer(known.status, known.headers or {}, known.body or b"")
        if tx.now - known.claimed_at < patience:
            raise _still_running()
        known.claimed_at = tx.now
        tx.session.add(known)
        return Claim(known.claim, caller, key)


async def settle_claim(tools: Tools, claim: Claim, answer: KeptAnswer | None) -> None:
    """Store the answer; None where nothing was done, so that a repeat is done anew."""
    async with tools.database.transaction() as tx:
        if answer is None:
            await drop_claim(tx.session, claim.caller, claim.key)
        else:
            await keep_answer(tx.session, claim.caller, claim.key, answer.status, answer.headers, answer.body)


async def forget_answers(database: Database) -> None:
    """Remove old answers."""
    async with database.transaction() as tx:
        await drop_answers(tx.session, utc_now() - KEPT)


def _still_running() -> Refused:
    return Refused(
        "still_running",
        "A request with this Idempotency-Key is still running.",
        "Repeat it in some seconds; you will get its answer.",
    )
