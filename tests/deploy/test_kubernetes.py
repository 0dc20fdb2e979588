"""The manifests are valid, close what can be closed, and agree with the code."""

import importlib
from importlib.metadata import entry_points
from typing import Any

import kubernetes_validate
import pytest
import typer
from typer.testing import CliRunner

from deploy.settings_table import SECTIONS
from deploy.settings_table import variables as variables_of
from drawbridge.contracts.broker_access import SERVICES
from drawbridge.runtime import ServiceSettings
from tests.factories.compose import WEBHOOK_SECRET, image_variables, our_processes
from tests.factories.manifests import OVERLAYS, Manifest, of_kind, pod, process, rendered

DEPLOYMENTS = of_kind("prod", "Deployment")
JOBS = of_kind("prod/jobs", "Job")
PODS = pytest.mark.parametrize("manifest", [*DEPLOYMENTS.values(), *JOBS.values()], ids=[*DEPLOYMENTS, *JOBS])
EVERY = pytest.mark.parametrize("manifest", DEPLOYMENTS.values(), ids=DEPLOYMENTS)


def _application(command: list[str]) -> tuple[typer.Typer, list[str]]:
    if command[:2] == ["python", "-m"]:
        return importlib.import_module(f"{command[2]}.__main__").app, command[3:]
    [script] = entry_points(group="console_scripts", name=command[0])
    return script.load(), command[1:]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_fits_its_schema_strictly(overlay: str) -> None:
    for manifest in rendered(overlay):
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_what_runs_is_what_compose_runs() -> None:
    in_compose = {
        tuple(each["command"]) for each in our_processes().values() if each["command"][0] == "python"
    }
    assert {tuple(process(each)["command"]) for each in DEPLOYMENTS.values()} == in_compose


@PODS
def test_the_command_exists(manifest: Manifest) -> None:
    application, arguments = _application(process(manifest)["command"])
    done = CliRunner().invoke(application, [*arguments, "--help"])
    assert done.exit_code == 0, done.output


@PODS
def test_secrets_are_references_and_nothing_else(manifest: Manifest) -> None:
    for variable in process(manifest)["env"]:
        is_secret = variable["name"].startswith("DRAWBRIDGE_SECRET_")
        assert is_secret == ("valueFrom" in variable)


@PODS
def test_a_pod_has_no_rights_and_no_token(manifest: Manifest) -> None:
    spec, own = pod(manifest), process(manifest)["securityContext"]
    assert (spec["automountServiceAccountToken"], spec["enableServiceLinks"]) == (False, False)
    assert (spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["runAsUser"]) == (True, 10001)
    assert (own["readOnlyRootFilesystem"], own["allowPrivilegeEscalation"]) == (True, False)
    assert own["capabilities"] == {"drop": ["ALL"]}


@EVERY
def test_every_variable_is_one_that_the_process_reads(manifest: Manifest) -> None:
    _, _, module, command = process(manifest)["command"]
    name = module.removeprefix("drawbridge.").replace("_", "-")
    section = f"{name} worker"
    if name == "gateway":
        section = "gateway api" if command == "api" else "gateway, api and worker"
    references = {"DRAWBRIDGE_SECRET_PROCORE_CLIENT_ID", "DRAWBRIDGE_SECRET_PROCORE_CLIENT_SECRET"}
    references |= {"DRAWBRIDGE_SECRET_SAGE_URL", WEBHOOK_SECRET}
    names = {variable["name"] for variable in process(manifest)["env"]}
    assert names <= set(variables_of(SECTIONS[section])) | references
    required = {key for key, schema in variables_of(SECTIONS[section]).items() if "default" not in schema}
    assert required <= names


def test_who_tells_procore_the_webhooks_secret_and_who_compares_it_have_it() -> None:
    having = {
        name
        for name, manifest in DEPLOYMENTS.items()
        if WEBHOOK_SECRET in {variable["name"] for variable in process(manifest)["env"]}
    }
    assert having == {"gateway-api", "import-service"}


@EVERY
def test_a_process_may_finish_its_work_before_it_is_killed(manifest: Manifest) -> None:
    grace = ServiceSettings.model_fields["grace_seconds"].default
    assert pod(manifest)["terminationGracePeriodSeconds"] >= grace + 10


@EVERY
def test_probes_ask_the_port_of_the_image(manifest: Manifest) -> None:
    container = process(manifest)
    [port] = container["ports"]
    assert str(port["containerPort"]) == image_variables()["DRAWBRIDGE_HTTP_PORT"]
    paths = {
        name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")
    }
    assert paths == {"startup": "/livez", "readiness": "/readyz", "liveness": "/livez"}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_one_of_two_may_go_at_a_time(name: str) -> None:
    assert DEPLOYMENTS[name]["spec"]["replicas"] == 2
    budget = of_kind("prod", "PodDisruptionBudget")[name]["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == DEPLOYMENTS[name]["spec"]["selector"]


def test_nobody_talks_to_anybody_by_default() -> None:
    deny = of_kind("prod", "NetworkPolicy")["deny-all"]["spec"]
    ours = {"app.kubernetes.io/part-of": "drawbridge"}
    assert deny == {"podSelector": {"matchLabels": ours}, "policyTypes": ["Ingress", "Egress"]}
    for each in [*DEPLOYMENTS.values(), *JOBS.values()]:
        assert ours.items() <= each["spec"]["template"]["metadata"]["labels"].items()


def test_only_two_services_reach_procore_and_one_the_ledger() -> None:
    policies = of_kind("prod", "NetworkPolicy")
    [to_procore] = policies["to-procore"]["spec"]["podSelector"]["matchExpressions"]
    assert to_procore["values"] == ["import-service", "payment-backfiller"]
    ledger: Any = policies["to-ledger"]["spec"]["podSelector"]["matchLabels"]
    assert ledger == {"app.kubernetes.io/name": "payment-backfiller"}


def test_every_schema_is_migrated_before() -> None:
    assert {f"migrate-{service}" for service in SERVICES} < set(JOBS)
    assert {"provision-database", "provision-broker-users", "topology"} < set(JOBS)
