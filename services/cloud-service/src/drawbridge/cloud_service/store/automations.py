"""Reads and writes of what automation tried last."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from drawbridge.cloud_service.store.subjects import Subject, among
from drawbridge.cloud_service.store.tables import automations
from drawbridge.persistence import Transaction


async def find_markers(tx: Transaction, subjects: Collection[Subject]) -> dict[Subject, str]:
    """The last marker of those of the subjects that have one."""
    if not subjects:
        return {}
    query = select(automations.c.vault_id, automations.c.requisition_id, automations.c.marker).where(
        among(automations, subjects)
    )
    rows = await tx.session.execute(query)
    return {(vault_id, requisition_id): marker for vault_id, requisition_id, marker in rows}


async def save_markers(tx: Transaction, markers: Mapping[Subject, str]) -> None:
    """Remember what is tried now."""
    if not markers:
        return
    statement = insert(automations)
    new = statement.excluded
    replacing = statement.on_conflict_do_update(
        index_elements=["vault_id", "requisition_id"],
        set_={"marker": new.marker, "marked_at": new.marked_at},
    )
    values = [
        {"vault_id": vault_id, "requisition_id": requisition_id, "marker": marker, "marked_at": tx.now}
        for (vault_id, requisition_id), marker in sorted(markers.items())
    ]
    await tx.session.execute(replacing, values)
