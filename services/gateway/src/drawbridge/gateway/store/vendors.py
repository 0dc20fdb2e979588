"""The vendor map of each vault, as import-service last told it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.vendor_map import VendorCodeState
from drawbridge.gateway.store.sets import RowValues, Told, store_told
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import VendorCodeRow, table

_vendors = table(VendorCodeRow).c


async def store_vendors(session: AsyncSession, told: Sequence[Told[VendorCodeState]]) -> None:
    """Take over the newest state of each vendor."""
    await store_told(session, table(VendorCodeRow), told, _values)


async def vendor_map(session: AsyncSession, vault_id: str) -> list[VendorCodeState]:
    """All vendors of a vault, by name."""
    statement = select(_vendors.data).where(_vendors.vault_id == vault_id)
    found = await session.execute(statement.order_by(_vendors.name, _vendors.vendor_id))
    return [stored(VendorCodeState, data) for data in found.scalars()]


async def map_version(session: AsyncSession, vault_id: str) -> int:
    """The version of the whole map: its highest; 0 while there is none."""
    statement = select(func.max(_vendors.version)).where(_vendors.vault_id == vault_id)
    return (await session.execute(statement)).scalar_one() or 0


def _values(state: VendorCodeState) -> RowValues:
    return {
        "vault_id": state.vault_id,
        "vendor_id": state.vendor_id,
        "name": state.name,
        "data": state.model_dump(mode="json", exclude={"snapshot_id"}),
    }
