"""docker-compose.yml is well formed, waits in the right order and opens nothing to the network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from drawbridge.runtime import ServiceSettings
from tests.factories.compose import (
    COMPLETED,
    COMPOSE_FILE,
    HEALTHY,
    WEBHOOK_SECRET,
    Service,
    image_variables,
    is_job,
    our_processes,
    our_services,
    services,
    variables,
)

SERVICES = services()
PROCESSES = our_processes()
DATABASE_URL = "DRAWBRIDGE_SECRET_DATABASE_URL"
BROKER_URL = "DRAWBRIDGE_SECRET_AMQP_URL"


def _waits_for(name: str, condition: str) -> Iterator[str]:
    """Whom a service waits for in this way, and whom these wait for in any."""
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == condition:
            yield other
        yield from _waits_for(other, condition)


def test_it_fits_the_compose_schema() -> None:
    arguments = ["--builtin-schema", "vendor.compose-spec", str(COMPOSE_FILE)]
    done = subprocess.run(  # noqa: S603  # our own argument list, no shell
        [sys.executable, "-m", "check_jsonschema", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_on_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", our_services())
def test_ours_write_nowhere_and_gain_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_asked_whether_it_is_ready_on_the_port_of_its_image(name: str) -> None:
    port = image_variables()["DRAWBRIDGE_HTTP_PORT"]
    assert f"http://127.0.0.1:{port}/readyz" in PROCESSES[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_may_finish_its_work_before_it_is_killed(name: str) -> None:
    grace = ServiceSettings.model_fields["grace_seconds"].default
    assert float(PROCESSES[name]["stop_grace_period"].removesuffix("s")) > grace


@pytest.mark.parametrize("name", [name for name, each in PROCESSES.items() if "profiles" not in each])
def test_a_process_waits_for_what_it_needs(name: str) -> None:
    done = set(_waits_for(name, COMPLETED))
    migration = f"migrate-{SERVICES[name]['build']['args']['SERVICE']}"
    assert {"provision", migration} <= done
    assert {"topology", "broker-users"} <= done or name == "gateway", "only the API does without the broker"
    assert "postgres" in _waits_for(name, HEALTHY)


def test_each_job_is_waited_for() -> None:
    """`up --wait` takes the end of a job that nobody waits for as a failure."""
    jobs = {name for name, each in SERVICES.items() if is_job(each) and "profiles" not in each}
    always = [name for name, each in PROCESSES.items() if "profiles" not in each]
    assert jobs == {other for name in always for other in _waits_for(name, COMPLETED)}


def test_each_service_has_a_database_role_of_its_own() -> None:
    passwords = variables(SERVICES["provision"])
    roles: dict[str, set[str]] = {}
    for service in _with_database():
        url = urlsplit(variables(service)[DATABASE_URL])
        assert url.username
        assert url.password == passwords[f"DRAWBRIDGE_SECRET_{url.username.upper()}_PASSWORD"]
        roles.setdefault(url.username, set()).add(service["image"])
    assert {role: len(images) for role, images in roles.items()} == {
        "gateway": 1,
        "imports": 1,
        "cloud": 1,
        "payments": 1,
    }
    assert len({image for images in roles.values() for image in images}) == 4


def test_each_service_has_a_broker_user_of_its_own_and_none_has_the_administrators() -> None:
    passwords = variables(SERVICES["broker-users"])
    users: dict[str, set[str]] = {}
    for name, service in PROCESSES.items():
        if BROKER_URL in variables(service):
            url = urlsplit(variables(service)[BROKER_URL])
            assert url.username
            variable = f"DRAWBRIDGE_SECRET_{url.username.upper().replace('-', '_')}_BROKER_PASSWORD"
            assert url.password == passwords[variable]
            users.setdefault(url.username, set()).add(name)
    assert users == {
        "gateway": {"gateway", "gateway-worker"},
        "import-service": {"import-service"},
        "cloud-service": {"cloud-service"},
        "payment-backfiller": {"payment-backfiller"},
        "clerk": {"clerk"},
    }


def test_a_secret_of_one_service_is_not_given_to_another() -> None:
    """With every variable of .env set to its own name, no process sees two passwords of services."""
    for name, service in services(lambda variable, _: variable.lower()).items():
        if name in PROCESSES:
            found = set(re.findall(r"(\w+)_password", " ".join(variables(service).values())))
            assert len(found - {"postgres", "broker"}) <= 1, (name, found)
            assert not found & {"postgres", "broker"}, name


def test_who_tells_procore_the_webhooks_secret_and_who_compares_it_have_it() -> None:
    having = {name for name, each in PROCESSES.items() if WEBHOOK_SECRET in variables(each)}
    assert having == {"gateway", "import-service"}


def _with_database() -> list[Service]:
    return [service for service in SERVICES.values() if DATABASE_URL in variables(service)]
