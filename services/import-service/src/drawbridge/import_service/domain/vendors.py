"""The vendor map: a code entered by hand goes before Procore's ``origin_code``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from drawbridge.contracts.values import Change
from drawbridge.contracts.vendor_map import VendorCodeState


@dataclass
class MappedVendor:
    """One vendor of the map."""

    vendor_id: int
    name: str = ""
    procore_code: str | None = None
    hand_code: str | None = None
    version: int = 0

    @property
    def code(self) -> str | None:
        """The code in force."""
        return self.hand_code or self.procore_code

    @property
    def source(self) -> Literal["hand", "procore"] | None:
        """Where the code in force comes from."""
        if self.hand_code:
            return "hand"
        return "procore" if self.procore_code else None

    def state(self, vault_id: str, change: Change) -> VendorCodeState:
        """What others are told of it."""
        return VendorCodeState(
            version=self.version,
            change=change,
            vault_id=vault_id,
            vendor_id=self.vendor_id,
            name=self.name,
            code=self.code,
            source=self.source,
            procore_code=self.procore_code,
        )


def entered(known: Mapping[int, MappedVendor], codes: Mapping[int, str]) -> list[MappedVendor]:
    """The vendors that change when exactly these codes are entered by hand."""
    changed = []
    for vendor_id in sorted(known.keys() | codes.keys()):
        vendor = known.get(vendor_id, MappedVendor(vendor_id))
        if vendor.hand_code != codes.get(vendor_id):
            changed.append(replace(vendor, hand_code=codes.get(vendor_id)))
    return changed


def seeded(
    known: Mapping[int, MappedVendor], seeds: Iterable[tuple[int, str, str | None]]
) -> list[MappedVendor]:
    """The vendors that change by what Procore says: (id, name, code); no name leaves the known one."""
    changed = []
    for vendor_id, name, code in sorted(seeds, key=lambda seed: seed[0]):
        vendor = known.get(vendor_id, MappedVendor(vendor_id))
        seen = replace(vendor, name=name or vendor.name, procore_code=code or None)
        if vendor_id not in known or seen != vendor:
            changed.append(seen)
    return changed
