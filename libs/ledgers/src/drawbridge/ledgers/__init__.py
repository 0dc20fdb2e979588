"""Reading bills and payments from accounting systems: import everything from here."""

from drawbridge.ledgers.drop.ledger import DropLedger
from drawbridge.ledgers.facts import (
    Allocation,
    Bill,
    BillKey,
    Capabilities,
    LedgerPayment,
    PaymentBatch,
    PaymentFacts,
    PaymentMethod,
    PaymentState,
    Sample,
    Unreadable,
)
from drawbridge.ledgers.opening import LedgerConfig, open_ledger
from drawbridge.ledgers.source import LedgerSource
from drawbridge.ledgers.sql.ledger import SqlLedger
from drawbridge.ledgers.sql.preset import Preset, load_preset, shipped_presets

__all__ = [
    "Allocation",
    "Bill",
    "BillKey",
    "Capabilities",
    "DropLedger",
    "LedgerConfig",
    "LedgerPayment",
    "LedgerSource",
    "PaymentBatch",
    "PaymentFacts",
    "PaymentMethod",
    "PaymentState",
    "Preset",
    "Sample",
    "SqlLedger",
    "Unreadable",
    "load_preset",
    "open_ledger",
    "shipped_presets",
]
