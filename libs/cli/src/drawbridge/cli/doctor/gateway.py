"""The API: does it answer, is anything parked, what do the services say of each vault and its credentials?"""

from collections.abc import Iterator
from typing import Any

from drawbridge.cli.api import Api, ApiError
from drawbridge.cli.doctor.finding import Finding, well

_SERVICES = 3
"""Those that check a vault's settings: all but the gateway itself."""

type Json = dict[str, Any]


def look_at_gateway() -> list[Finding]:
    """All findings; one when it does not answer."""
    try:
        with Api() as api:
            parked, vaults = api.get("/v1/parked")["items"], api.get("/v1/vaults")["items"]
    except ApiError as error:
        return [Finding("API", "red", str(error), "Mend that first, then ask again.")]
    return [well("API", "answers"), _parked(parked), *vault_findings(vaults)]


def _parked(messages: list[Json]) -> Finding:
    if not messages:
        return well("Parked messages", "none")
    reasons = sorted({message["problem"]["code"] for message in messages})
    found = f"{len(messages)} or more wait: {', '.join(reasons)}"
    return Finding(
        "Parked messages", "look", found, "drawbridge parked list; see docs/runbooks.md, Parked pile."
    )


def vault_findings(vaults: list[Json]) -> Iterator[Finding]:
    """What the services say of the active vaults."""
    active = [vault for vault in vaults if vault["settings"]["active"]]
    found = [finding for vault in active for finding in _vault(vault)]
    yield from found
    if not found:
        yield well("Vaults", f"{len(active)} active; all services have taken them over without complaint")


def _vault(vault: Json) -> Iterator[Finding]:
    what = f"Vault {vault['id']}"
    for told in vault["problems"]:
        for problem in told["problems"]:
            yield Finding(what, "red", f"{told['service']}: {problem['message']}", problem["advice"])
    if len(vault["problems"]) < _SERVICES:
        silent = f"only {len(vault['problems'])} of {_SERVICES} services have taken over its settings"
        yield Finding(what, "look", silent, "Is a worker down? Look at the queues above.")
    flow = vault["payments_flow"]
    if flow["status"] == "failing":
        yield Finding(
            what, "red", f"no payments: {flow['reason']}", "See docs/runbooks.md, A ledger is down."
        )
