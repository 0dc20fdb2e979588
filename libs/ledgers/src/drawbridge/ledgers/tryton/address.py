"""From a URL with user and password to what a Tryton client needs."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from drawbridge.contracts.errors import Refused

_ADVICE = "Let the secret hold https://user:password@host/database."


@dataclass(frozen=True, slots=True)
class TrytonAddress:
    """``endpoint`` is where a database's calls go."""

    endpoint: str
    user: str
    password: SecretStr


def tryton_address(secret: SecretStr) -> TrytonAddress:
    """Take the URL apart.

    Raises:
        Refused: ``ledger_settings``, when a part is missing.
    """
    try:
        url = urlsplit(secret.get_secret_value())
        host, port = url.hostname, url.port
    except ValueError:
        raise Refused("ledger_settings", "The ledger's URL is no URL.", _ADVICE) from None
    database = url.path.strip("/")
    if url.scheme not in {"http", "https"} or not (host and database and url.username and url.password):
        raise Refused("ledger_settings", "The ledger's URL is no address of a Tryton database.", _ADVICE)
    place = f"[{host}]" if ":" in host else host
    return TrytonAddress(
        endpoint=f"{url.scheme}://{place}{f':{port}' if port else ''}/{database}/rpc/",
        user=unquote(url.username),
        password=SecretStr(unquote(url.password)),
    )
