"""The rules for a vault's settings, alone and beside its neighbours."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from drawbridge.contracts import Refused
from drawbridge.contracts.vaults import VaultChoices, VaultSettings
from drawbridge.gateway.domain.vault_rules import Neighbour, check_neighbours, in_force
from tests.factories.gateway import choices

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _chosen(**changes: object) -> VaultChoices:
    return VaultChoices.model_validate(choices(**changes))


def _neighbour(changes: Mapping[str, object], vault_id: str = "other") -> Neighbour:
    return Neighbour(vault_id, in_force(_chosen(**changes), None, NOW))


@pytest.mark.parametrize(
    ("mine", "theirs", "code"),
    [
        ({"projects": [1]}, {"projects": [2]}, None),
        ({"projects": [1]}, {}, None),
        ({}, {"projects": [1]}, None),
        ({}, {"active": False}, None),
        ({"active": False}, {}, None),
        ({"projects": [1, 2]}, {"projects": [2]}, "project_in_two_vaults"),
        ({}, {}, "two_rest_vaults"),
    ],
)
def test_a_project_belongs_to_at_most_one_active_vault(
    mine: dict[str, object], theirs: dict[str, object], code: str | None
) -> None:
    neighbours = [_neighbour(theirs)]
    if code is None:
        check_neighbours("main", _chosen(**mine), neighbours, {})
    else:
        with pytest.raises(Refused) as refused:
            check_neighbours("main", _chosen(**mine), neighbours, {})
        assert refused.value.problem.code == code
        assert "other" in refused.value.problem.message


def test_a_vaults_own_older_settings_are_no_neighbour() -> None:
    check_neighbours("main", _chosen(), [_neighbour({}, "main")], {})


@pytest.mark.parametrize(
    ("projects", "home", "allowed"),
    [
        ([7], "main", True),
        ("rest", "main", True),
        ([8], "main", False),
        ([7], "other", False),
        ("rest", "other", True),
        ([8], "other", True),
    ],
)
def test_a_project_with_ap_invoices_stays_where_it_is(projects: object, home: str, *, allowed: bool) -> None:
    neighbours = [_neighbour({"projects": [7], "active": False})]
    if allowed:
        check_neighbours("main", _chosen(projects=projects), neighbours, {7: home})
    else:
        with pytest.raises(Refused, match="has AP invoices"):
            check_neighbours("main", _chosen(projects=projects), neighbours, {7: home})


def test_a_changed_behavior_applies_from_now_on() -> None:
    before: VaultSettings = in_force(_chosen(automated_import="none"), None, NOW)
    later = datetime(2026, 4, 1, tzinfo=UTC)
    assert in_force(_chosen(automated_import="none"), before, later).automated_import_since == NOW
    assert in_force(_chosen(automated_import="queue"), before, later).automated_import_since == later
