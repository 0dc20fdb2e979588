"""What a person at Tryton's client can do, over the same JSON-RPC."""

from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from drawbridge.ledgers.tryton.address import tryton_address
from drawbridge.ledgers.tryton.client import TrytonClient

type Record = dict[str, Any]


class Desk:
    """Calls models and runs wizards of one database, for its first company."""

    def __init__(self, url: str) -> None:
        self._client = TrytonClient(tryton_address(SecretStr(url)))
        self.context: Record = {}

    async def call(self, method: str, *params: object) -> Any:  # noqa: ANN401  the method decides
        return await self._client.call(f"model.{method}", *params, self.context)

    async def create(self, model: str, **values: object) -> int:
        (found,) = await self.call(f"{model}.create", [values])
        return int(found)

    async def read(self, model: str, record: int, *fields: str) -> Record:
        (found,) = await self.call(f"{model}.read", [record], list(fields))
        return dict(found)

    async def search(self, model: str, *domain: object) -> list[int]:
        return list(await self.call(f"{model}.search", list(domain), 0, None, [("id", "ASC")]))

    async def first(self, model: str, *domain: object) -> int:
        return (await self.search(model, *domain))[0]

    async def wizard(
        self, name: str, *steps: tuple[str, Record], model: str = "", records: Sequence[int] = ()
    ) -> None:
        """Run a wizard: each step is a state and what the forms hold then."""
        context = self.context | {
            "active_model": model or None,
            "active_ids": list(records),
            "active_id": next(iter(records), None),
        }
        session, *_ = await self._client.call(f"wizard.{name}.create", context)
        for state, forms in steps:
            await self._client.call(f"wizard.{name}.execute", session, forms, state, context)

    async def close(self) -> None:
        await self._client.close()
