"""The sandbox's vaults and ledgers can be used as they are."""

import pytest
import yaml

from drawbridge.cli.vaults_file import read_vaults
from drawbridge.ledgers import open_ledger
from drawbridge.runtime import resolve_secret
from drawbridge.sandbox.procore.values import FIRST_ID
from tests.deploy.conftest import Become
from tests.factories.compose import SANDBOX_FILES, services, variables

LEDGERS = yaml.safe_load((SANDBOX_FILES / "ledgers.yaml").read_text(encoding="utf-8"))["ledgers"]


@pytest.mark.parametrize("service", ["import-service", "payment-backfiller"])
def test_a_vault_finds_its_company_and_its_credentials(service: str, become: Become) -> None:
    become(variables(services()[service]))
    for vault in read_vaults(SANDBOX_FILES / "vaults.yaml").values():
        assert vault.procore.company_id == FIRST_ID
        assert resolve_secret(vault.procore.client_id).get_secret_value() == "sandbox-client"
        assert resolve_secret(vault.procore.client_secret).get_secret_value() == "sandbox-secret"


async def test_a_vault_finds_its_ledger(become: Become) -> None:
    become(variables(services()["payment-backfiller"]))
    for vault in read_vaults(SANDBOX_FILES / "vaults.yaml").values():
        assert vault.ledger is not None
        await open_ledger(LEDGERS[vault.ledger]).close()


def test_the_ledgers_file_is_the_one_that_the_service_is_given() -> None:
    service = services()["payment-backfiller"]
    source, target, _ = service["volumes"][0].split(":")
    named = variables(service)["DRAWBRIDGE_LEDGERS_FILE"]
    assert (SANDBOX_FILES.parent.parent / source / named.removeprefix(f"{target}/")).is_file()
