"""One trace from the click to the AP invoice in the grid; a payment run is its own, linked to it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from drawbridge.cli.demo.chapters.set_up_vaults import vault_settings
from drawbridge.cli.demo.story import Story
from drawbridge.cli.demo.teller import Teller
from drawbridge.testkit.stack.doors import Json, until
from tests.factories.collector import Collector, Span, collecting
from tests.system.conftest import StartStack

VAULT = "by-hand"
TRACE = "0af7651916cd43dd8448eb211c80319c"
BROWSER = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_one_trace_for_the_import_and_one_for_the_payment_run(
    start_stack: StartStack, teller: Teller, collector: Collector
) -> None:
    told = {"DRAWBRIDGE_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    async with start_stack(**told) as stack, Story.begin(stack.info, teller) as story:
        await _set_up(story)
        invoice_id = await _import_one(story)
        imported = await until("the trace of the import is not whole", lambda: _imported(collector))
        await _pay(story, invoice_id)
        paid = await until("the trace of the payment is not whole", lambda: _paid(collector))
        log = stack.processes["import_service"].log_path.read_text(encoding="utf-8")

    _is_one_tree(imported)
    run = next(span for span in paid if span.name == "work run_job")
    write_back = next(span for span in paid if span.name == "work write_back")
    assert run.parent == "", "a run has a trace of its own"
    assert TRACE in write_back.links, "which points to the one of the invoice"
    assert all(span.facts.get("drawbridge.outcome", "2xx") in ("2xx", "ok") for span in paid)

    lines = [json.loads(line) for line in log.splitlines() if TRACE in line]
    correlation = next(s.facts["drawbridge.correlation_id"] for s in imported if s.name.startswith("POST"))
    assert {line["correlation_id"] for line in lines} == {correlation}, "logs have the same ids"
    print(f"{len(imported)} spans of the import, {len(paid)} of the payment run")


async def _set_up(story: Story) -> None:
    await story.gateway.send("PUT", f"/v1/vaults/{VAULT}", vault_settings(story, VAULT))
    await until("the vault was not read from Procore", lambda: _importable(story))


async def _importable(story: Story) -> list[Json] | None:
    rows = await story.gateway.rows(VAULT)
    return [row for row in rows if row["actions"]["import"]["allowed"] and float(row["net_due"]) > 0] or None


async def _import_one(story: Story) -> str:
    [chosen, *_] = await until("nothing can be imported", lambda: _importable(story))
    path = f"/v1/vaults/{VAULT}/procore-invoices/{chosen['requisition_id']}/import"
    answer = await story.gateway.ask("POST", path, {}, **BROWSER)
    assert answer is not None
    operation = await story.gateway.followed(answer.json()["id"])
    assert operation["status"] == "done"
    [invoice] = await story.gateway.pages(f"/v1/vaults/{VAULT}/invoices")
    return str(invoice["id"])


async def _pay(story: Story, invoice_id: str) -> None:
    await story.gateway.act(f"/v1/vaults/{VAULT}/invoices/{invoice_id}/process")
    [bill] = await until("the clerk posted no bill", lambda: _bills(story))
    today = datetime.now(UTC).date().isoformat()
    await story.clerk.write_check("30106", today, {bill: None})
    run = await story.gateway.act(f"/v1/vaults/{VAULT}/jobs/payment_retrieval/runs", {"dry_run": False})
    assert run["status"] == "done"
    await until("nothing was written back", lambda: _written(story))


async def _bills(story: Story) -> list[int] | None:
    return [bill["bill_id"] for bill in await story.clerk.bills()] or None


async def _written(story: Story) -> Json | None:
    allocations = await story.gateway.pages(f"/v1/vaults/{VAULT}/payments")
    return next((each for each in allocations if each["write_back"]["state"] == "written"), None)


async def _imported(collector: Collector) -> list[Span] | None:
    """The trace that the browser began, once it has reached the grid."""
    spans = collector.trace_of(TRACE)
    steps = {(span.process, span.name) for span in spans}
    wanted = {
        ("gateway-api", "POST /v1/vaults/{vault_id}/procore-invoices/{requisition_id}/import"),
        ("gateway-worker", "publish drawbridge.invoice.import.requested.v1"),
        ("import-service-worker", "process drawbridge.invoice.import.requested.v1"),
        ("import-service-worker", "work import_invoice"),
        ("import-service-worker", "procore GET"),
        ("import-service-worker", "publish drawbridge.invoice.state.v1"),
        ("gateway-worker", "process drawbridge.invoice.state.v1"),
        ("payment-backfiller-worker", "process drawbridge.invoice.state.v1"),
    }
    return spans if wanted <= steps else None


async def _paid(collector: Collector) -> list[Span] | None:
    """The trace of the run that wrote to Procore, once the payment has reached the grid."""
    writes = [
        span for span in collector.all() if span.name == "procore POST" and span.process.startswith("pay")
    ]
    for write in writes:
        spans = collector.trace_of(write.trace)
        steps = {(span.process, span.name) for span in spans}
        wanted = {
            ("payment-backfiller-worker", "work run_job"),
            ("payment-backfiller-worker", "work write_back"),
            ("gateway-worker", "process drawbridge.allocation.state.v1"),
        }
        if wanted <= steps and any(name.startswith("ledger ") for _, name in steps):
            return spans
    return None


def _is_one_tree(spans: list[Span]) -> None:
    """Each step's parent is another step of the trace, but for the browser's."""
    known = {span.id for span in spans} | {"b7ad6b7169203331"}
    assert {span.parent for span in spans} <= known
