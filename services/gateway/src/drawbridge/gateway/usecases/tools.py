"""What use cases work with, put together in one place by the wiring."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4, uuid5

from drawbridge.contracts import Cause
from drawbridge.gateway.domain.caller import Caller
from drawbridge.persistence import Database


class Bell(Protocol):
    """Tells when an operation has ended."""

    async def ended(self, operation_id: UUID, seconds: float) -> bool:
        """Wait for its end, but no longer than so many seconds; whether it has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """The database and the bell of this process."""

    database: Database
    bell: Bell


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, from which network ``address``, and the story that it belongs to.

    ``claim`` is there if a repeat must do nothing again.
    """

    caller: Caller
    cause: Cause
    claim: UUID | None = None
    address: str | None = None

    def new_id(self, name: str) -> UUID:
        """An id for what this request makes: the same one when the request is repeated under its key."""
        return uuid5(self.claim, name) if self.claim else uuid4()
