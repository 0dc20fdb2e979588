"""Writes the Grafana dashboard from the list below: ``python -m deploy.dashboard``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "monitoring" / "dashboard.json"
_WIDTH, _HEIGHT, _COLUMNS = 8, 7, 3
_SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph: what it shows, in which unit of Grafana's, and what it asks Prometheus."""

    title: str
    unit: str
    expression: str
    legend: str


ROWS: dict[str, tuple[Panel, ...]] = {
    "Is it well?": (
        Panel("Processes that answer", "short", 'sum by (job) (up{job=~"drawbridge.*"})', "{{job}}"),
        Panel("Parked messages", "short", "max by (queue) (drawbridge_parked_messages)", "{{queue}}"),
        Panel(
            "Restarts of parts",
            "short",
            "sum by (component) (increase(drawbridge_component_restarts_total[10m]))",
            "{{component}}",
        ),
    ),
    "Messages": (
        Panel("Oldest unsent message", "s", "max by (schema) (drawbridge_outbox_age_seconds)", "{{schema}}"),
        Panel(
            "Taken",
            "ops",
            "sum by (queue, result) (rate(drawbridge_intake_messages_total[5m]))",
            "{{queue}} {{result}}",
        ),
        Panel(
            "Sent to handled, p99",
            "s",
            "histogram_quantile(0.99, sum by (queue, le) (rate(drawbridge_intake_age_seconds_bucket[5m])))",
            "{{queue}}",
        ),
    ),
    "Work": (
        Panel(
            "Longest due", "s", "max by (schema, kind) (drawbridge_work_age_seconds)", "{{schema}} {{kind}}"
        ),
        Panel(
            "Unfinished items",
            "short",
            "sum by (state, kind) (max by (schema, kind, state) (drawbridge_work_items))",
            "{{kind}} {{state}}",
        ),
        Panel(
            "Attempts by result",
            "ops",
            "sum by (kind, result) (rate(drawbridge_work_attempts_total[5m]))",
            "{{kind}} {{result}}",
        ),
    ),
    "Procore and ledgers": (
        Panel(
            "Calls by outcome",
            "ops",
            "sum by (system, outcome) (rate(drawbridge_outside_calls_total[5m]))",
            "{{system}} {{outcome}}",
        ),
        Panel(
            "Calls, p95",
            "s",
            "histogram_quantile(0.95, sum by (system, le) (rate(drawbridge_outside_seconds_bucket[5m])))",
            "{{system}}",
        ),
        Panel(
            "Waited for Procore's limit",
            "s",
            "sum by (job) (rate(drawbridge_procore_limit_wait_seconds_total[5m]))",
            "{{job}}, seconds a second",
        ),
    ),
    "Payments": (
        Panel(
            "Contract payments by state", "short", "max by (state) (drawbridge_payment_intents)", "{{state}}"
        ),
        Panel("Most overdue job", "s", "max by (job) (drawbridge_job_lag_seconds)", "{{job}}"),
        Panel("Jobs that fail", "short", "max by (job) (drawbridge_jobs_failing)", "{{job}}"),
    ),
}


def dashboard() -> str:
    """The dashboard as Grafana imports it."""
    panels: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS.items():
        place = {"h": 1, "w": 24, "x": 0, "y": top}
        panels.append({"type": "row", "title": title, "id": len(panels) + 1, "gridPos": place, "panels": []})
        for number, panel in enumerate(row):
            x = _WIDTH * (number % _COLUMNS)
            panels.append(_graph(panel, len(panels) + 1, {"h": _HEIGHT, "w": _WIDTH, "x": x, "y": top + 1}))
        top += 1 + _HEIGHT
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    page = {
        "uid": "drawbridge",
        "title": "Drawbridge",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": panels,
    }
    return json.dumps(page, indent=1) + "\n"


def _graph(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        "id": number,
        "gridPos": place,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": "A", "expr": panel.expression, "legendFormat": panel.legend, "datasource": _SOURCE}
        ],
    }


if __name__ == "__main__":
    PAGE.write_text(dashboard(), encoding="utf-8")
