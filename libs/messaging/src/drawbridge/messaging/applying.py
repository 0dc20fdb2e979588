"""Applies deliveries: decode, claim, handle and park in one transaction; split a batch that fails."""

from collections.abc import Sequence
from dataclasses import dataclass

from drawbridge.contracts.errors import Problem, Refused, Unprocessable
from drawbridge.messaging.received import Decode, IntakeHandler, Received
from drawbridge.messaging.traced import Traced
from drawbridge.persistence import Claim, Database, RawMessage, Transaction, claim, is_contention, parked
from drawbridge.runtime import bound_cause, failpoints, get_logger, is_transient, utc_now
from drawbridge.runtime.metrics import INTAKE_AGE, INTAKE_MESSAGES

_BEFORE_COMMIT = failpoints.declare("intake.before_commit")
_AFTER_COMMIT = failpoints.declare("intake.after_commit")
_REUSED = Problem(
    code="id_reused",
    message="This id was used before for something else.",
    advice="Send every request under an id of its own.",
)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery of a batch: received, or a problem that parks it. ``number`` is its place."""

    number: int
    raw: RawMessage
    received: Received | None
    problem: Problem | None


class Applying:
    """Knows one queue's decode and handler."""

    def __init__(self, database: Database, queue: str, handler: IntakeHandler, decode: Decode) -> None:
        self._database = database
        self._queue = queue
        self._handler = handler
        self._decode = decode

    def read(self, raws: Sequence[RawMessage]) -> list[Entry]:
        """Decode each; what cannot be decoded is to be parked."""
        return [self._read(number, raw) for number, raw in enumerate(raws)]

    async def apply(self, entries: Sequence[Entry], *, patient: bool = True) -> list[int]:
        """Commit the effects of all entries; gives the numbers of those that must be delivered again.

        Patient, it leaves deadlocks and timeouts of statements to a next try of the whole batch; else the
        batch is split to find the message that causes them.

        Raises:
            Exception: only one for which `is_transient` holds; then nothing of the failing part is committed.
        """
        try:
            await self._commit(entries)
        except Exception as error:
            if is_transient(error) and (patient or not is_contention(error)):
                raise
            if len(entries) == 1:
                return await self._alone(entries[0], error)
        else:
            return []
        middle = len(entries) // 2
        first = await self.apply(entries[:middle], patient=patient)
        return [*first, *await self.apply(entries[middle:], patient=patient)]

    async def _commit(self, entries: Sequence[Entry]) -> None:
        """One transaction for all: claim ids, park what cannot be handled, hand over what is new."""
        with Traced(self._queue) as traced:
            async with self._database.transaction() as tx:
                received = [each.received for each in entries if each.received is not None]
                claimed = await claim(self._database, tx, map(_claim_of, received))
                first = {each.key: each for each in reversed(received)}
                new = [each for each in received if each is first[each.key] and each.key in claimed.new]
                bad = [(each.raw, each.problem) for each in entries if each.problem is not None]
                bad += [(each.raw, _REUSED) for each in received if claimed.reused(_claim_of(each))]
                for raw, problem in bad:
                    self._park(tx, raw, problem)
                if new:
                    await self._handle(tx, traced.begin(new))
                failpoints.hit(_BEFORE_COMMIT)
            failpoints.hit(_AFTER_COMMIT)
        age, now = INTAKE_AGE.labels(self._queue), utc_now()
        for each in new:
            age.observe(max(0.0, (now - each.envelope.time).total_seconds()))
        self._count(applied=len(new), parked=len(bad), duplicate=len(entries) - len(new) - len(bad))

    async def _handle(self, tx: Transaction, new: Sequence[Received]) -> None:
        if len(new) == 1:
            with bound_cause(new[0].cause, queue=self._queue):
                await self._handler(tx, new)
        else:
            await self._handler(tx, new)

    async def _alone(self, entry: Entry, error: Exception) -> list[int]:
        """One message failed by itself: park it, or let the broker count another delivery."""
        if isinstance(error, Unprocessable | Refused):
            async with self._database.transaction() as tx:
                self._park(tx, entry.raw, error.problem)
            self._count(parked=1)
            return []
        _log.exception(
            "intake.failed", queue=self._queue, message_id=entry.raw.properties.message_id, exc_info=error
        )
        self._count(requeued=1)
        return [entry.number]

    def _read(self, number: int, raw: RawMessage) -> Entry:
        try:
            return Entry(number, raw, self._decode(raw), None)
        except Unprocessable as error:
            return Entry(number, raw, None, error.problem)

    def _park(self, tx: Transaction, raw: RawMessage, problem: Problem) -> None:
        _log.warning(
            "intake.parked",
            queue=self._queue,
            message_id=raw.properties.message_id,
            code=problem.code,
            problem=problem.message,
        )
        tx.send_raw(parked(raw, problem, tx.now))

    def _count(self, **results: int) -> None:
        for result, number in results.items():
            INTAKE_MESSAGES.labels(self._queue, result).inc(number)


def _claim_of(received: Received) -> Claim:
    return Claim(received.key, received.fingerprint)
