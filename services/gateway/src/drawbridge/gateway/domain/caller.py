"""Who asks, and what they may do: roles in vaults, and the operator of the whole instance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from drawbridge.gateway.domain.refusals import Forbidden, no_vault

Role = Literal["viewer", "processor", "admin"]
"""In one vault, each includes the one before: looks; imports and processes; changes settings and grants."""

ROLES: tuple[Role, ...] = get_args(Role)

OPERATOR = "operator"
"""The instance role: creates vaults and keys, settles parked messages, and is admin in every vault.

Also the name of the first operator, who has the key from the deployment.
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person or machine. ``name`` goes into audit, history and ``requested_by``.

    ``roles`` maps vault ids to roles; a vault that is not among them does not exist for this caller.
    """

    name: str
    operator: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)

    @property
    def vaults(self) -> frozenset[str] | None:
        """The vaults that the caller may see; None means all."""
        return None if self.operator else frozenset(self.roles)

    def sees(self, vault_id: str) -> bool:
        """Whether the vault exists for this caller."""
        return self.operator or vault_id in self.roles

    def role_in(self, vault_id: str) -> Role | None:
        """The caller's role in a vault; an operator is admin everywhere."""
        return "admin" if self.operator else self.roles.get(vault_id)

    def require(self, role: Role, vault_id: str) -> None:
        """Make sure that the caller has the role in the vault, or a higher one.

        Raises:
            NotFound: when the caller may not know of the vault, whether it exists or not.
            Forbidden: when the caller's role there is lower.
        """
        own = self.role_in(vault_id)
        if own is None:
            raise no_vault(vault_id)
        if ROLES.index(own) < ROLES.index(role):
            raise Forbidden(
                "role_missing",
                f"This needs the role {role} in the vault {vault_id!r}; {self.name} is {own} there.",
                "Ask an admin of the vault for the role.",
            )

    def require_operator(self) -> None:
        """Make sure that the caller is an operator.

        Raises:
            Forbidden: when not.
        """
        if not self.operator:
            raise Forbidden(
                "operator_only",
                f"Only operators of this instance may do this; {self.name} is none.",
                "Ask an operator.",
            )
