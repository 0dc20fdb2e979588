"""Whether a Procore invoice can be imported from the copy that a list brought, without a call for it.

A page of a hundred invoices costs one call, and a call for each of them a hundred. A copy is enough to say
yes to bulk work: what changed since is found by the next poll and shown as drift. It is never enough to say
no, and a person's click always looks at Procore.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from drawbridge.contracts.actions import Policy, import_action
from drawbridge.contracts.procore_invoices import ProcoreInvoice
from drawbridge.contracts.values import How

LIFE = timedelta(hours=1)
"""How old the last look may be; every project is polled more often."""


def copy_is_enough(
    row: ProcoreInvoice,
    raw: Mapping[str, object] | None,
    how: How,
    policy: Policy,
    *,
    seen_at: datetime,
    now: datetime,
) -> bool:
    """``raw`` is the stored original of the look at ``seen_at``; without lines it is only half of one."""
    return (
        how != "manual"
        and row.import_state == "not_imported"
        and now - seen_at < LIFE
        and raw is not None
        and isinstance(raw.get("items"), list)
        and import_action(row, policy).allowed
    )
