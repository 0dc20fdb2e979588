"""The outside, made from settings: Procore clients by vault, ledgers by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers import LedgerSource, open_ledger
from drawbridge.payment_backfiller.settings import Settings
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.procore import Credentials, ProcoreClient, RateLimiter, budget_key
from drawbridge.runtime import resolve_secret

_ADVICE = "Write `ledgers:` with one entry for each ledger: preset, url, time_zone, currency."


class ProcoreClients:
    """One client for each (company, app), one limiter for each budget of calls."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._clients: dict[tuple[int, str, str], ProcoreClient] = {}
        self._limiters: dict[str, RateLimiter] = {}

    def of(self, vault: Vault) -> ProcoreClient:
        """The client of the vault's company and app; a rotated secret makes a new one.

        Raises:
            Refused: ``secret_reference``, when the credentials cannot be found.
        """
        connection = vault.settings.procore
        client_id = resolve_secret(connection.client_id).get_secret_value()
        secret = resolve_secret(connection.client_secret)
        key = (connection.company_id, client_id, secret.get_secret_value())
        if key not in self._clients:
            self._clients[key] = ProcoreClient(
                api_url=self._settings.procore_api_url,
                login_url=self._settings.procore_login_url,
                credentials=Credentials(client_id, secret),
                company_id=connection.company_id,
                limiter=self._limiters.setdefault(
                    self.budget_of(vault), RateLimiter(self._settings.procore_share)
                ),
                transport=self._transport,
            )
        return self._clients[key]

    def budget_of(self, vault: Vault) -> str:
        """A name for the budget of calls that the vault uses, as in import-service.

        Raises:
            Refused: ``secret_reference``, when the credentials cannot be found.
        """
        connection = vault.settings.procore
        client_id = resolve_secret(connection.client_id).get_secret_value()
        return budget_key(client_id, connection.company_id, self._settings.procore_budget)

    async def close(self) -> None:
        """Close all clients."""
        for client in self._clients.values():
            await client.close()


class LedgersFile:
    """The ledgers that the deployment describes in one YAML file, opened when first needed."""

    def __init__(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        self._entries = entries
        self._open: dict[str, LedgerSource] = {}

    @classmethod
    def read(cls, path: Path | None) -> "LedgersFile":
        """Read the file; without one there are no ledgers.

        Raises:
            Refused: ``ledgers_file``, when it cannot be read or has another shape.
        """
        if path is None:
            return cls({})
        try:
            content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise Refused(
                "ledgers_file", f"The ledgers file {path} cannot be read ({type(error).__name__}).", _ADVICE
            ) from None
        entries = content.get("ledgers") if isinstance(content, dict) else None
        if not isinstance(entries, dict) or not all(isinstance(each, dict) for each in entries.values()):
            raise Refused("ledgers_file", f"The ledgers file {path} has no list of ledgers.", _ADVICE)
        return cls(entries)

    def open(self, name: str) -> LedgerSource:
        """The ledger of that name; nothing is connected yet.

        Raises:
            Refused: ``unknown_ledger``, or what is wrong with its entry.
        """
        if name not in self._entries:
            raise Refused(
                "unknown_ledger",
                f"The deployment describes no ledger {name!r}.",
                "Add it to the ledgers file, or correct the name in the vault's settings.",
            )
        if name not in self._open:
            self._open[name] = open_ledger(self._entries[name])
        return self._open[name]

    async def close(self) -> None:
        """Close all ledgers."""
        for ledger in self._open.values():
            await ledger.close()
