"""What tokens say: roles in vaults and of the instance; names that only keys have are refused."""

from typing import Any

import pytest

from drawbridge.gateway.domain.caller import Caller
from drawbridge.gateway.domain.claims import caller_of
from drawbridge.gateway.domain.refusals import Unauthenticated


def _caller(claims: dict[str, Any], roles_claim: str = "roles") -> Caller:
    return caller_of(claims, subject_claim="sub", roles_claim=roles_claim)


def test_roles_are_read_and_what_is_not_ours_is_ignored() -> None:
    roles = ["main:viewer", "main:processor", "north:admin", "admin", "main:boss", ":admin", "x:y:z", 7]
    caller = _caller({"sub": "anna", "roles": roles})
    assert caller == Caller("anna", roles={"main": "processor", "north": "admin"})


def test_operator_is_a_role_of_the_instance() -> None:
    assert _caller({"sub": "root", "roles": ["operator"]}).operator


@pytest.mark.parametrize("claims", [{}, {"roles": None}, {"roles": {"main": "admin"}}, {"roles": 5}])
def test_without_readable_roles_there_are_none(claims: dict[str, Any]) -> None:
    assert _caller({"sub": "anna", **claims}) == Caller("anna")


def test_dots_lead_into_nested_claims() -> None:
    claims = {"sub": "anna", "resource_access": {"drawbridge": {"roles": ["main:viewer"]}}}
    assert _caller(claims, "resource_access.drawbridge.roles").roles == {"main": "viewer"}


def test_roles_may_be_one_text() -> None:
    assert _caller({"sub": "anna", "scope": "openid main:viewer"}, "scope").roles == {"main": "viewer"}


@pytest.mark.parametrize("name", [None, "", 5, "a\nb", "x" * 201, "operator", "key:erp-pull"])
def test_nobody_and_names_of_keys_are_refused(name: object) -> None:
    with pytest.raises(Unauthenticated):
        _caller({"sub": name, "roles": ["operator"]})
