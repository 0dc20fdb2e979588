"""Apply a file of vaults: send each vault, then wait for what the services find in it."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drawbridge.cli.api import Api, ApiError
from drawbridge.contracts.vaults import VaultChoices

SERVICES = ("import-service", "cloud-service", "payment-backfiller")
"""Who looks at a vault's settings and reports what it finds."""

WAIT_SECONDS = 10.0
"""How long the services may take to report."""

_POLL_SECONDS = 0.25


@dataclass
class Applied:
    """What became of one vault. ``reports`` has the problems of each service that has answered."""

    vault_id: str
    version: int | None = None
    error: str | None = None
    reports: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    @property
    def silent(self) -> list[str]:
        """The services that have not answered."""
        return [service for service in SERVICES if service not in self.reports]

    def sentences(self, file: str) -> Iterator[str]:
        """What is wrong, naming the file and the vault."""
        where = f"{file}, vault {self.vault_id}"
        if self.error is not None:
            yield f"{where}: {self.error}"
            return
        for service, problems in self.reports.items():
            for problem in problems:
                words = " ".join(filter(None, (problem["message"], problem.get("advice"))))
                yield f"{where}, {service}: {words}"
        if self.version is not None:
            for service in self.silent:
                yield f"{where}: {service} has not answered within {WAIT_SECONDS:.0f} s. Check that it runs."


def send_vaults(api: Api, vaults: Mapping[str, VaultChoices], *, dry_run: bool) -> list[Applied]:
    """Put each vault; one that is refused does not keep the others back."""
    return [_send(api, vault_id, choices, dry_run=dry_run) for vault_id, choices in vaults.items()]


def await_reports(api: Api, applied: Iterable[Applied]) -> None:
    """Wait until every service has reported on every vault that was taken, or the time is over."""
    waiting = [each for each in applied if each.version is not None]
    deadline = time.monotonic() + WAIT_SECONDS
    while waiting:
        for each in waiting:
            each.reports = _reports(api.get(f"/v1/vaults/{each.vault_id}"), each.version)
        waiting = [each for each in waiting if each.silent]
        if not waiting or time.monotonic() > deadline:
            return
        time.sleep(_POLL_SECONDS)


def _send(api: Api, vault_id: str, choices: VaultChoices, *, dry_run: bool) -> Applied:
    try:
        answer = api.put(f"/v1/vaults/{vault_id}", choices.model_dump(mode="json"), dry_run=dry_run or None)
    except ApiError as error:
        return Applied(vault_id, error=str(error))
    return Applied(vault_id, version=answer["version"])


def _reports(vault: dict[str, Any], version: int | None) -> dict[str, list[dict[str, str]]]:
    """The reports on this version of the settings."""
    return {
        each["service"]: each["problems"] for each in vault["problems"] if each["settings_version"] == version
    }
