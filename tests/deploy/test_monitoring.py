"""Alerts and the dashboard ask for metrics that exist, and every alert leads to a runbook."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from deploy import dashboard
from drawbridge.runtime import metrics
from tests.factories.compose import ROOT, our_processes, services
from tests.factories.debian_tool import NotToBeHad, debian_tool

FOLDER = ROOT / "deploy" / "monitoring"
ALERTS = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
ASKED = [rule["expr"] for rule in ALERTS] + [p.expression for row in dashboard.ROWS.values() for p in row]


@pytest.fixture(scope="module")
def promtool() -> Path:
    try:
        return debian_tool("promtool", "prometheus")
    except NotToBeHad as error:
        pytest.skip(str(error))


def _known() -> set[str]:
    """The names under which our metrics are exposed."""
    ours = [each for each in vars(metrics).values() if isinstance(each, Counter | Gauge | Histogram)]
    names = [described.name for each in ours for described in each.describe()]
    return {each for name in names for each in (name, *_samples(name))}


def _samples(name: str) -> list[str]:
    return [f"{name}{suffix}" for suffix in ("_total", "_bucket", "_sum", "_count")]


@pytest.mark.parametrize("expression", ASKED)
def test_only_metrics_that_exist_are_asked_for(expression: str) -> None:
    asked = set(re.findall(r"drawbridge_\w+", re.sub(r'"[^"]*"', "", expression)))
    assert asked <= _known()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_leads_to_a_runbook(alert: dict[str, dict[str, str]]) -> None:
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    titles = re.findall(r"^## (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert anchor in anchors


def test_the_dashboard_is_the_one_that_the_code_writes() -> None:
    assert dashboard.PAGE.read_text(encoding="utf-8") == dashboard.dashboard(), (
        "run python -m deploy.dashboard"
    )


def test_prometheus_of_compose_asks_every_process_under_a_name_that_alerts_know() -> None:
    [job] = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"]
    [targets] = job["static_configs"]
    processes = {name for name, each in our_processes().items() if "profiles" not in each}
    assert {target.removesuffix(":8080") for target in targets["targets"]} == processes
    [relabelled] = job["relabel_configs"]
    assert (relabelled["target_label"], relabelled["replacement"]) == ("job", "drawbridge-$1")


def test_grafana_of_compose_finds_its_sources_and_the_dashboard() -> None:
    found = services()
    [mount] = found["grafana"]["volumes"]
    local, inside, _ = mount.split(":")
    assert (ROOT / local) == FOLDER
    settings = found["grafana"]["environment"]
    provisioned = FOLDER / settings["GF_PATHS_PROVISIONING"].removeprefix(f"{inside}/")
    [source] = (provisioned / "datasources").glob("*.yaml")
    for each in yaml.safe_load(source.read_text())["datasources"]:
        url = urlsplit(each["url"])
        assert str(url.port) in found[url.hostname or ""]["ports"][0].split(":")
    [dashboards] = (provisioned / "dashboards").glob("*.yaml")
    [provider] = yaml.safe_load(dashboards.read_text())["providers"]
    assert provider["options"]["path"] == inside
    assert settings["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{inside}/{dashboard.PAGE.name}"


@pytest.mark.parametrize(
    "check",
    [
        ("check", "rules", "alerts.yaml"),
        ("check", "config", "prometheus.yaml"),
        ("test", "rules", "alerts_test.yaml"),
    ],
)
def test_prometheus_own_tool_agrees(promtool: Path, check: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603  # our own argument list, no shell
        [promtool, *check], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
