"""Alerts and the dashboard ask for metrics that exist, and every alert leads to a runbook."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from deploy import dashboard
from drawbridge.runtime import metrics
from tests.factories.compose import ROOT
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


@pytest.mark.parametrize("check", [("check", "rules", "alerts.yaml"), ("test", "rules", "alerts_test.yaml")])
def test_prometheus_own_tool_agrees(promtool: Path, check: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603  # our own argument list, no shell
        [promtool, *check], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
