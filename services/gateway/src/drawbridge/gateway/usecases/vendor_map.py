"""The vendor map: show it, and have import-service replace what was entered by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from drawbridge.contracts.import_commands import ChangeVendorMap
from drawbridge.contracts.vendor_map import VendorCode, VendorCodeState
from drawbridge.gateway.domain.operations import Operation
from drawbridge.gateway.store.vaults import get_vault
from drawbridge.gateway.store.vendors import map_version, vendor_map
from drawbridge.gateway.usecases.compare_version import outdated
from drawbridge.gateway.usecases.send_command import send_command
from drawbridge.gateway.usecases.tools import Asking, Tools


@dataclass(frozen=True, slots=True)
class ShownMap:
    """The vendors of a vault, and the version of the whole map."""

    vendors: list[VendorCodeState]
    version: int


async def show_vendor_map(tools: Tools, vault_id: str) -> ShownMap:
    """The map as it is.

    Raises:
        NotFound: when there is no such vault.
    """
    async with tools.database.reading() as session:
        await get_vault(session, vault_id)
        vendors = await vendor_map(session, vault_id)
    return ShownMap(vendors, max((each.version for each in vendors), default=0))


async def put_vendor_map(
    tools: Tools, asking: Asking, vault_id: str, codes: Sequence[VendorCode], expected: int | None
) -> Operation:
    """Send the command.

    Raises:
        NotFound: when there is no such vault.
        Outdated: when the caller has not seen the newest map.
    """
    async with tools.database.transaction() as tx:
        await get_vault(tx.session, vault_id)
        current = await map_version(tx.session, vault_id)
        if expected is not None and expected < current:
            raise outdated(current, [])
        command = ChangeVendorMap(
            vault_id=vault_id,
            codes=tuple(codes),
            requested_by=asking.caller.name,
            expected_version=expected,
        )
        return await send_command(tx, asking, "change_vendor_map", command)
