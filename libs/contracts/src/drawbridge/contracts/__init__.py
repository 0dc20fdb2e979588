"""Messages, ids, money, errors, topology and allowed actions of Drawbridge: pure, shared by all.

Importing this package registers every message, so that `message.message_class` finds it.
"""

from drawbridge.contracts import (
    commitment_payments,
    import_commands,
    invoices,
    outcomes,
    payment_commands,
    payments,
    procore_changes,
    procore_invoices,
    requests,
    snapshots,
    topology,
    vaults,
    vendor_map,
)
from drawbridge.contracts.envelope import Cause, Envelope
from drawbridge.contracts.errors import (
    Ambiguous,
    DrawbridgeError,
    Problem,
    Refused,
    Retryable,
    Unprocessable,
    Waiting,
)
from drawbridge.contracts.message import Command, Event, Message, StateEvent, all_messages, message_class

__all__ = [
    "Ambiguous",
    "Cause",
    "Command",
    "DrawbridgeError",
    "Envelope",
    "Event",
    "Message",
    "Problem",
    "Refused",
    "Retryable",
    "StateEvent",
    "Unprocessable",
    "Waiting",
    "all_messages",
    "commitment_payments",
    "import_commands",
    "invoices",
    "message_class",
    "outcomes",
    "payment_commands",
    "payments",
    "procore_changes",
    "procore_invoices",
    "requests",
    "snapshots",
    "topology",
    "vaults",
    "vendor_map",
]
