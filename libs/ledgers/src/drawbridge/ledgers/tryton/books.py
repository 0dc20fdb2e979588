"""Records of a Tryton database, by model."""

from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import batched
from typing import Any

from drawbridge.ledgers.table import Raw
from drawbridge.ledgers.tryton.client import Fault, TrytonClient

PAGE = 500
_MOST_BAD = 50

type Domain = list[Any]


class TrytonBooks:
    """Reads only. ``company`` narrows everything to one company; without it, to what the user may see."""

    def __init__(self, client: TrytonClient, company: int | None) -> None:
        self._client = client
        self._company: Domain = [] if company is None else [("company", "=", company)]
        # Inactive vendors have payments too.
        self._context = {"active_test": False} | ({} if company is None else {"company": company})

    async def pages(self, model: str, domain: Domain, *, of_company: bool = True) -> AsyncIterator[list[int]]:
        """The ids of all records that fit, page by page.

        Each page goes on after the last id, not after a count: a record that comes or goes meanwhile shifts
        no page.
        """
        fits = [*domain, *(self._company if of_company else [])]
        last = 0
        while True:
            asked = [*fits, ("id", ">", last)]
            method = f"model.{model}.search"
            page: list[int] = await self._client.call(method, asked, 0, PAGE, [("id", "ASC")], self._context)
            if page:
                yield page
            if len(page) < PAGE:
                return
            last = page[-1]

    async def search(self, model: str, domain: Domain, *, of_company: bool = True) -> list[int]:
        """The ids of all records that fit."""
        return [each async for page in self.pages(model, domain, of_company=of_company) for each in page]

    async def read(self, model: str, ids: Iterable[int], fields: Sequence[str]) -> list[Raw]:
        """These records, by id.

        Raises:
            Fault: when one of them cannot be read; it names the record.
        """
        found, bad = await self.read_what_can_be(model, ids, fields)
        if bad:
            raise Fault(f"{model} {bad[0]}")
        return found

    async def read_what_can_be(
        self, model: str, ids: Iterable[int], fields: Sequence[str]
    ) -> tuple[list[Raw], list[int]]:
        """These records, and the ids of those that cannot be read.

        Raises:
            Fault: when they are many, so that it is no matter of single records.
        """
        found: list[Raw] = []
        bad: list[int] = []
        for chunk in batched(sorted(set(ids)), PAGE):
            waiting = [list(chunk)]
            while waiting:
                some = waiting.pop()
                try:
                    found += await self._read(model, some, fields)
                except Fault:
                    if len(some) == 1:
                        bad += some
                    half = len(some) // 2
                    waiting += [part for part in (some[half:], some[:half]) if half]
                    if len(bad) > _MOST_BAD:
                        raise
        return found, bad

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _read(self, model: str, ids: list[int], fields: Sequence[str]) -> list[Raw]:
        method = f"model.{model}.read"
        records: list[Raw] = await self._client.call(method, ids, list(fields), self._context)
        return sorted(records, key=lambda record: int(record["id"]))
