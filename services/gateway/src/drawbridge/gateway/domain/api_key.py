"""API keys of machines: ``dbk_<id>_<secret>``. The id finds the row; of the secret only a hash is kept.

The secret has 256 random bits, so nobody can guess it from its hash: a slow hash, made for passwords that
people choose, would only make each request slower.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from pydantic import SecretStr

_SHAPE = re.compile(r"dbk_(?P<id>[0-9a-f]{16})_(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its owner has it."""

    id: str
    secret: SecretStr

    @classmethod
    def fresh(cls, key_id: str | None = None) -> Self:
        """A new random key, or a new secret for a known one."""
        return cls(key_id or secrets.token_hex(8), SecretStr(secrets.token_urlsafe(32)))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The key that a credential shows; None when it is no such key."""
        found = _SHAPE.fullmatch(text)
        return cls(found["id"], SecretStr(found["secret"])) if found else None

    @property
    def text(self) -> str:
        """What goes into the header; shown once, never stored."""
        return f"dbk_{self.id}_{self.secret.get_secret_value()}"

    @property
    def hash(self) -> bytes:
        """What is stored of the secret."""
        return sha256(self.secret.get_secret_value().encode()).digest()

    def matches(self, *hashes: bytes | None) -> bool:
        """Whether the secret is one of these, each compared in constant time."""
        own = self.hash
        return any(hmac.compare_digest(own, each) for each in hashes if each is not None)
