"""The examples agree with the manifests. Schemas of operators are not ours: see docs/kubernetes.md."""

from typing import Any

import kubernetes_validate
import yaml

from tests.factories.manifests import FOLDER, Manifest, of_kind, process

DEPLOYMENTS = of_kind("prod", "Deployment")
[SERVICE] = of_kind("prod", "Service").values()


def _example(file: str, kind: str) -> Manifest:
    text = (FOLDER / "examples" / file).read_text(encoding="utf-8")
    [found] = [each for each in yaml.safe_load_all(text) if each["kind"] == kind]
    assert found["metadata"]["namespace"] == SERVICE["metadata"]["namespace"]
    manifest: Manifest = found
    return manifest


def test_an_ingress_fits_its_schema_and_shows_the_api_alone() -> None:
    manifest = _example("ingress.yaml", "Ingress")
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
    [rule] = manifest["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert path["path"] == "/v1", "probes and metrics stay inside"
    assert path["backend"]["service"] == {"name": SERVICE["metadata"]["name"], "port": {"name": "http"}}


def test_a_route_shows_the_api_alone_by_tls() -> None:
    gateway, route = _example("http-route.yaml", "Gateway"), _example("http-route.yaml", "HTTPRoute")
    [listener] = gateway["spec"]["listeners"]
    assert (listener["protocol"], listener["tls"]["mode"]) == ("HTTPS", "Terminate")
    assert route["spec"]["hostnames"] == [listener["hostname"]]
    parent = {"name": gateway["metadata"]["name"], "sectionName": listener["name"]}
    assert route["spec"]["parentRefs"] == [parent]
    [rule] = route["spec"]["rules"]
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/v1"}}]
    [port] = SERVICE["spec"]["ports"]
    assert rule["backendRefs"] == [{"name": SERVICE["metadata"]["name"], "port": port["port"]}]


def test_metrics_are_asked_of_every_process_under_names_that_alerts_know() -> None:
    spec = _example("pod-monitor.yaml", "PodMonitor")["spec"]
    for each in DEPLOYMENTS.values():
        labels: dict[str, Any] = each["spec"]["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"].items() <= labels.items()
        assert "drawbridge.dev/before" not in labels
    [endpoint] = spec["podMetricsEndpoints"]
    assert endpoint["path"] == "/metrics"
    assert {port["name"] for each in DEPLOYMENTS.values() for port in process(each)["ports"]} == {
        endpoint["port"]
    }
    [relabelling] = endpoint["relabelings"]
    assert relabelling["replacement"] == "drawbridge-$1"


def test_a_database_has_connections_for_a_rollout() -> None:
    cluster = _example("postgres-cluster.yaml", "Cluster")
    pool, spare = 10, 20
    most = sum(each["spec"]["replicas"] for each in DEPLOYMENTS.values()) * pool
    given = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    assert given >= most + most // 2 + spare


def test_policies_name_the_servers_of_the_examples() -> None:
    [_, database, broker] = of_kind("prod", "NetworkPolicy")["everybody-to-names-and-servers"]["spec"][
        "egress"
    ]
    cluster = _example("postgres-cluster.yaml", "Cluster")["metadata"]["name"]
    assert database["to"] == [{"podSelector": {"matchLabels": {"cnpg.io/cluster": cluster}}}]
    assert broker["to"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/component": "rabbitmq"}}}]
