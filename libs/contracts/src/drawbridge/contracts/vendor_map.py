"""The vendor map: which code a Procore vendor has in the ledger. import-service owns it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from drawbridge.contracts.message import StateEvent
from drawbridge.contracts.outcomes import Outcome
from drawbridge.contracts.values import ProcoreId, SubjectVersion, Value, VaultId

LedgerVendorCode = Annotated[str, Field(min_length=1, max_length=200, examples=["ACME"])]
"""A vendor's code in the ledger."""


class VendorCode(Value):
    """The code of one vendor, as entered by hand."""

    vendor_id: ProcoreId
    code: LedgerVendorCode


class VendorCodeState(StateEvent):
    """One vendor of the map. ``code`` is in force: the one entered by hand, else Procore's ``origin_code``.

    Versions rise over the whole map of a vault, so that the highest one names its state.
    """

    TYPE: ClassVar[str] = "drawbridge.vendor-code.state.v1"

    vault_id: VaultId
    vendor_id: ProcoreId
    name: str = ""
    code: str | None = None
    source: Literal["hand", "procore"] | None = None
    procore_code: str | None = None

    def subject(self) -> str:
        """``vendor/<vault>/<vendor>``."""
        return f"vendor/{self.vault_id}/{self.vendor_id}"


class VendorMapChanged(Outcome):
    """A command changed the vendor map: so many vendors; ``map_version`` names the new state."""

    TYPE: ClassVar[str] = "drawbridge.vendor-map.changed.v1"

    changed: int
    map_version: SubjectVersion
