"""The vendor map: Procore's vendors and their codes in the ledger."""

from collections.abc import Collection, Sequence
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.import_service.domain.vendors import MappedVendor
from drawbridge.import_service.store.tables import vendor_codes

_ROWS_A_STATEMENT = 1000
_code = func.coalesce(vendor_codes.c.hand_code, vendor_codes.c.procore_code)


async def vendor_codes_of(
    session: AsyncSession, vault_id: str, vendor_ids: Collection[int]
) -> dict[int, str | None]:
    """Codes in force of these vendors, as far as the map knows them; None for one that has no code."""
    query = select(vendor_codes.c.vendor_id, _code.label("code")).where(
        vendor_codes.c.vault_id == vault_id,
        vendor_codes.c.vendor_id.in_(vendor_ids),
    )
    return {row.vendor_id: row.code for row in await session.execute(query)}


async def lock_map(session: AsyncSession, vault_id: str) -> None:
    """Let changes of one vault's map pass one after the other: versions rise over the whole map."""
    key = func.hashtextextended(f"vendor-map/{vault_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def vendors_of(session: AsyncSession, vault_id: str) -> dict[int, MappedVendor]:
    """The whole map of a vault."""
    found = await session.execute(select(vendor_codes).where(vendor_codes.c.vault_id == vault_id))
    return {row.vendor_id: _vendor(row) for row in found}


async def vendors_where(
    session: AsyncSession, condition: ColumnElement[bool]
) -> list[tuple[str, MappedVendor]]:
    """Each vendor for which it holds, with its vault."""
    found = await session.execute(select(vendor_codes).where(condition))
    return [(row.vault_id, _vendor(row)) for row in found]


async def save_vendors(session: AsyncSession, vault_id: str, vendors: Sequence[MappedVendor]) -> None:
    """Write vendors of a map that this transaction has locked."""
    names = ("name", "procore_code", "hand_code", "version")
    rows = [
        {"vault_id": vault_id, "vendor_id": each.vendor_id, **{name: getattr(each, name) for name in names}}
        for each in vendors
    ]
    for some in batched(rows, _ROWS_A_STATEMENT):
        statement = insert(vendor_codes).values(list(some))
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["vault_id", "vendor_id"],
                set_={name: statement.excluded[name] for name in names},
            )
        )


def _vendor(row: Row[Any]) -> MappedVendor:
    return MappedVendor(
        vendor_id=row.vendor_id,
        name=row.name,
        procore_code=row.procore_code,
        hand_code=row.hand_code,
        version=row.version,
    )
