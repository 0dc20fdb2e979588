"""The vendor map: entered by hand, seeded from Procore, told vendor by vendor."""

from collections.abc import Iterable

from drawbridge.contracts.envelope import Cause
from drawbridge.contracts.errors import Refused
from drawbridge.contracts.import_commands import ChangeVendorMap
from drawbridge.contracts.values import Change, version_after
from drawbridge.contracts.vendor_map import VendorMapChanged
from drawbridge.import_service.domain.vendors import MappedVendor, entered, seeded
from drawbridge.import_service.store.vendors import lock_map, save_vendors, vendors_of
from drawbridge.import_service.usecases.apply_vendor_code import code_work
from drawbridge.import_service.usecases.telling import require_version, without_command
from drawbridge.persistence import Transaction

type Seed = tuple[int, str, str | None]
"""What Procore says of a vendor: its id, its name, and its ``origin_code`` if it has one."""


async def change_vendor_map(tx: Transaction, command: ChangeVendorMap, cause: Cause, epoch: int) -> None:
    """Replace all codes that were entered by hand; ``expected_version`` is the map's own.

    Raises:
        Refused: ``version_conflict``, or ``vendor_twice``.
    """
    await lock_map(tx.session, command.vault_id)
    known = await vendors_of(tx.session, command.vault_id)
    require_version(command.expected_version, max((each.version for each in known.values()), default=0))
    codes = {each.vendor_id: each.code for each in command.codes}
    if len(codes) != len(command.codes):
        raise Refused("vendor_twice", "A vendor has two codes.", "Give each vendor one code.")
    changed = entered(known, codes)
    change = Change(what="code_entered", at=tx.now, by=command.requested_by)
    version = await _store(tx, command.vault_id, known, changed, change, cause, epoch)
    if cause.causation_id is not None:
        answer = VendorMapChanged(
            vault_id=command.vault_id,
            command_id=cause.causation_id,
            command_subject=command.subject(),
            changed=len(changed),
            map_version=max(version, 1),
        )
        tx.send(answer, cause=cause)


async def seed_vendors(
    tx: Transaction, vault_id: str, seeds: Iterable[Seed], cause: Cause, epoch: int
) -> None:
    """Take over what Procore says of its vendors; a code entered by hand stays in force."""
    await lock_map(tx.session, vault_id)
    known = await vendors_of(tx.session, vault_id)
    changed = seeded(known, seeds)
    change = Change(what="seen_in_procore", at=tx.now)
    await _store(tx, vault_id, known, changed, change, cause, epoch)


async def _store(  # what, why, and in which story
    tx: Transaction,
    vault_id: str,
    known: dict[int, MappedVendor],
    changed: list[MappedVendor],
    change: Change,
    cause: Cause,
    epoch: int,
) -> int:
    """Write and tell what changed, one version higher for each; gives the map's version."""
    version = max((each.version for each in known.values()), default=0)
    for vendor in changed:
        version = version_after(version or None, epoch)
        vendor.version = version
        tx.send(vendor.state(vault_id, change), cause=without_command(cause))
    await save_vendors(tx.session, vault_id, changed)
    recoded = [each for each in changed if each.code != _code(known, each.vendor_id)]
    await tx.add_work(*(code_work(vault_id, each.vendor_id, cause) for each in recoded))
    return version


def _code(known: dict[int, MappedVendor], vendor_id: int) -> str | None:
    return known[vendor_id].code if vendor_id in known else None
