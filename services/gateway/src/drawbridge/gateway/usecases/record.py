"""Write down who did what, and from where, in the transaction that does it."""

from typing import Any

from drawbridge.gateway.store.audit import add_audit
from drawbridge.gateway.store.tables import AuditRow
from drawbridge.gateway.usecases.tools import Asking
from drawbridge.persistence import Transaction


async def record(
    tx: Transaction,
    asking: Asking,
    action: str,
    subject: str,
    *,
    vault_id: str | None,
    **detail: Any,  # noqa: ANN401  # facts of any JSON type
) -> None:
    """Add a line to the audit trail."""
    row = AuditRow(
        at=tx.now,
        caller=asking.caller.name,
        address=asking.address,
        action=action,
        vault_id=vault_id,
        subject=subject,
        correlation_id=asking.cause.correlation_id,
        detail={name: value for name, value in detail.items() if value is not None},
    )
    await add_audit(tx.session, row)
