"""The parked form of a message: as it came, with the reason beside it.

Parked means that nothing stays committed for the message's id, so a replay keeps the id.
The broker's own parking (delivery limit) goes to the same exchange and carries no reason.
"""

from datetime import datetime

from drawbridge.contracts.errors import Problem
from drawbridge.contracts.message import DEAD
from drawbridge.persistence.raw import JSON, RawMessage, RawOutgoing

REASON = "drawbridge-reason"
CODE = "drawbridge-code"
ADVICE = "drawbridge-advice"
QUEUE = "drawbridge-queue"
EXCHANGE = "drawbridge-exchange"
ROUTING_KEY = "drawbridge-routing-key"
PARKED_AT = "drawbridge-parked-at"

PARKED_HEADERS = frozenset({REASON, CODE, ADVICE, QUEUE, EXCHANGE, ROUTING_KEY, PARKED_AT})
"""Headers that parking adds; a replay takes them off again."""


def parked(raw: RawMessage, problem: Problem, now: datetime) -> RawOutgoing:
    """The message for the dead exchange: original body, properties and headers, and why it is parked."""
    reasons: dict[str, JSON] = {
        REASON: problem.message,
        CODE: problem.code,
        ADVICE: problem.advice,
        QUEUE: raw.queue,
        EXCHANGE: raw.exchange,
        ROUTING_KEY: raw.routing_key,
        PARKED_AT: now.isoformat(),
    }
    return RawOutgoing(DEAD, raw.queue, raw.body, {**raw.headers, **reasons}, raw.properties)
