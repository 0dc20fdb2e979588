"""The vendor map: Procore's vendors and their codes in the ledger."""

from collections.abc import Collection, Mapping
from itertools import batched

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.import_service.store.tables import vendor_codes

_ROWS_A_STATEMENT = 1000


async def vendor_codes_of(
    session: AsyncSession, vault_id: str, vendor_ids: Collection[int]
) -> dict[int, str]:
    """Codes of these vendors, as far as they are known."""
    query = select(vendor_codes.c.vendor_id, vendor_codes.c.code).where(
        vendor_codes.c.vault_id == vault_id, vendor_codes.c.vendor_id.in_(vendor_ids)
    )
    return {row.vendor_id: row.code for row in await session.execute(query)}


async def seed_vendor_codes(session: AsyncSession, vault_id: str, codes: Mapping[int, str]) -> None:
    """Take over Procore's ``origin_code`` where nobody entered a code by hand."""
    rows = [
        {"vault_id": vault_id, "vendor_id": vendor_id, "code": code, "source": "procore"}
        for vendor_id, code in sorted(codes.items())
    ]
    for some in batched(rows, _ROWS_A_STATEMENT):
        statement = insert(vendor_codes).values(list(some))
        is_newer = vendor_codes.c.code != statement.excluded.code
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["vault_id", "vendor_id"],
                set_={"code": statement.excluded.code},
                where=(vendor_codes.c.source == "procore") & is_newer,
            )
        )
