"""Which vaults a worker works for: those whose key it holds, and those that have none."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts.errors import Refused
from drawbridge.persistence.database import Database
from drawbridge.persistence.key_shares import KeyShares


class _Vault(Protocol):
    @property
    def id(self) -> str: ...


class VaultShares[V: _Vault]:
    """Shares keys out between the workers of a service: a vault's work goes where its key is.

    ``vaults`` reads all vaults of the service. ``key_of`` names what a vault uses, such as a budget of calls,
    which several may have in common; where it refuses there is none, and any worker says why.
    """

    def __init__(
        self,
        database: Database,
        topic: str,
        vaults: Callable[[AsyncSession], Awaitable[Iterable[V]]],
        key_of: Callable[[V], str],
    ) -> None:
        self.component = KeyShares(database, topic, self._read)
        self._database = database
        self._vaults = vaults
        self._key_of = key_of
        self._keys: dict[str, str | None] = {}
        self._strangers: set[str] = set()

    def left(self) -> Collection[str]:
        """Vaults that other workers see to, of those that were looked at."""
        return [vault_id for vault_id, key in self._keys.items() if key and not self.component.holds(key)]

    async def meet(self, vault_ids: Collection[str]) -> None:
        """Make sure that these vaults were looked at: a worker may have just begun, and a vault be new.

        Raises:
            TimeoutError: the server is silent.
        """
        if all(each in self._keys or each in self._strangers for each in vault_ids):
            return
        await self.component.look_now()
        # Those that have no settings yet: any worker says so, until the next look.
        self._strangers |= set(vault_ids) - self._keys.keys()

    async def _read(self) -> Collection[str]:
        async with self._database.reading() as session:
            vaults = await self._vaults(session)
        keys = {vault.id: self._key(vault) for vault in vaults}
        self._keys, self._strangers = keys, set()
        return {key for key in keys.values() if key}

    def _key(self, vault: V) -> str | None:
        try:
            return self._key_of(vault)
        except Refused:
            return None
