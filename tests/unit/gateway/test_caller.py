"""Roles: each includes the lower ones, a vault without one does not exist, an operator may do everything."""

from itertools import product

import pytest

from drawbridge.gateway.domain.caller import ROLES, Caller, Role
from drawbridge.gateway.domain.refusals import Forbidden, NotFound, no_vault


@pytest.mark.parametrize(("own", "needed"), list(product(ROLES, ROLES)))
def test_a_role_includes_the_lower_ones(own: Role, needed: Role) -> None:
    caller = Caller("anna", roles={"main": own})
    if ROLES.index(own) >= ROLES.index(needed):
        caller.require(needed, "main")
        return
    with pytest.raises(Forbidden) as refused:
        caller.require(needed, "main")
    assert refused.value.problem.code == "role_missing"


@pytest.mark.parametrize("needed", ROLES)
def test_a_vault_without_a_role_looks_like_one_that_does_not_exist(needed: Role) -> None:
    with pytest.raises(NotFound) as refused:
        Caller("anna", roles={"main": "admin"}).require(needed, "north")
    assert refused.value.problem == no_vault("north").problem


@pytest.mark.parametrize("needed", ROLES)
def test_an_operator_is_admin_in_every_vault(needed: Role) -> None:
    operator = Caller("root", operator=True)
    operator.require(needed, "any")
    operator.require_operator()
    assert operator.vaults is None


def test_an_admin_is_no_operator() -> None:
    with pytest.raises(Forbidden) as refused:
        Caller("anna", roles={"main": "admin"}).require_operator()
    assert refused.value.problem.code == "operator_only"


def test_without_any_role_one_sees_nothing() -> None:
    nobody = Caller("nobody")
    assert nobody.vaults == frozenset()
    assert not nobody.sees("main")
