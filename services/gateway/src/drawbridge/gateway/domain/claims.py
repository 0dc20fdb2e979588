"""What a verified token says of its bearer: a name, and roles.

The roles claim is a list of texts, as identity providers keep them: ``operator``, or ``<vault>:<role>`` such
as ``main:processor``. Texts of any other form belong to other applications and are ignored.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from drawbridge.gateway.domain.caller import OPERATOR, ROLES, Caller, Role
from drawbridge.gateway.domain.refusals import Unauthenticated

KEY_PREFIX = "key:"
"""Callers with an API key are named by it and the key's name; no token may claim such a name."""

_LONGEST_NAME = 200
_ROLES: Mapping[str, Role] = {role: role for role in ROLES}


def caller_of(claims: Mapping[str, Any], *, subject_claim: str, roles_claim: str) -> Caller:
    """The caller; ``roles_claim`` may lead into nested claims by dots.

    Raises:
        Unauthenticated: when the token names nobody, or somebody whom it must not name.
    """
    name = claims.get(subject_claim)
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise Unauthenticated(f"The token's claim {subject_claim!r} names nobody.")
    if name == OPERATOR or name.startswith(KEY_PREFIX):
        raise Unauthenticated("The token names its bearer as only keys are named.")
    said = _texts(claims, roles_claim)
    return Caller(name, operator=OPERATOR in said, roles=_vault_roles(said))


def highest(*roles: Role | None) -> Role | None:
    """The highest of the roles that are there."""
    return max((role for role in roles if role is not None), key=ROLES.index, default=None)


def _texts(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    texts = found.split() if isinstance(found, str) else found
    return (
        frozenset(each for each in texts if isinstance(each, str)) if isinstance(texts, list) else frozenset()
    )


def _vault_roles(texts: Iterable[str]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for text in texts:
        vault_id, _, name = text.rpartition(":")
        role = highest(roles.get(vault_id), _ROLES.get(name))
        if vault_id and role is not None:
            roles[vault_id] = role
    return roles
