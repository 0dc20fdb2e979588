"""What is special about which invoice of the seed: contract index, then invoice number on it."""

from typing import Final

LAST = 5
"""Invoices on an ordinary contract; number 1 lies before the past 30 days, the others within."""

BROKEN: Final = (0, 4)
NEW_CHANGE_ORDER: Final = (1, 2)
NEGATIVE: Final = (1, 4)
NOTHING_BILLED: Final = (2, 3)
RETAINAGE_RELEASE: Final = (3, 5)
MIXED: Final = (4, 4)
BLANK_NUMBER: Final = (6, 3)
NO_NUMBER: Final = (6, 4)
SAME_NUMBER: Final = ((7, 2), (7, 4))
HAND_TYPED_PAYMENT: Final = (9, 3)
STORED_MATERIALS: Final = (10, 2)

TAXED: Final = frozenset({5})
UNIT_BASED: Final = frozenset({5, 12})
SIMPLIFIED: Final = frozenset({11})
PURCHASE_ORDERS: Final = frozenset({5, 11, 12, 13})
SINGLE_INVOICE: Final = frozenset({8})
"""The contract of the vendor without a ledger code."""

CONTRACTS: Final = 15

LAST_STATUS: Final = {
    0: "under_review",
    1: "draft",
    2: "revise_and_resubmit",
    5: "pending_owner_approval",
    6: "approved_as_noted",
    9: "under_review",
    10: "draft",
    11: "approved_as_noted",
    12: "pending_owner_approval",
    13: "revise_and_resubmit",
}
"""Status of the newest invoice by contract; all others are approved."""

DUPLICATE_NUMBER: Final = "4471"
HAND_TYPED_CHECK: Final = "20417"
UNREADABLE: Final = "#REF!"
