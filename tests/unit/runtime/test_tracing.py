"""Steps continue the trace that they are given; without a collector they only hand it on."""

from collections.abc import AsyncIterator

import pytest

from drawbridge.contracts import Cause
from drawbridge.runtime import bound_cause, outside_call, tracing, utc_now
from drawbridge.runtime.tracing import start_tracing
from tests.factories.collector import Collector, collecting

TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """What the steps of a test are exported to; all have arrived when the test asks for `stopped`."""
    with collecting() as started:
        yield started


def test_without_a_collector_a_trace_passes_through_unchanged() -> None:
    with tracing.step("work", "consumer", GIVEN) as step, outside_call("procore", "GET") as call:
        call.answered("2xx")
    assert step.traceparent == GIVEN
    assert not tracing.is_on()


async def test_a_step_is_a_child_and_what_it_leads_to_carries_its_own_id(collector: Collector) -> None:
    stop = start_tracing("import-service worker", collector.endpoint)
    with (
        tracing.step("work", "consumer", GIVEN, {"drawbridge.attempt": 2}) as step,
        outside_call("procore", "GET"),
    ):
        pass
    await stop()
    [call, work] = collector.all()
    assert (work.process, work.trace, work.parent) == ("import-service-worker", TRACE, "b7ad6b7169203331")
    assert work.facts == {"drawbridge.attempt": "2"}
    assert (call.trace, call.parent) == (TRACE, work.id)
    assert call.facts == {"drawbridge.outcome": "no_answer"}
    assert step.traceparent == f"00-{TRACE}-{work.id}-01"


async def test_a_trace_of_its_own_links_to_who_asked(collector: Collector) -> None:
    stop = start_tracing("payment-backfiller worker", collector.endpoint)
    with tracing.step("work run_job", "consumer", GIVEN, new_trace=True):
        pass
    await stop()
    [run] = collector.all()
    assert run.trace != TRACE
    assert (run.parent, run.links) == ("", (TRACE,))


async def test_the_way_through_the_outbox_is_told_afterwards(collector: Collector) -> None:
    stop = start_tracing("relay", collector.endpoint)
    now = utc_now()
    tracing.record("publish", "producer", GIVEN, {}, began=now, ended=now)
    tracing.record("publish", "producer", GIVEN.removesuffix("01") + "00", {}, began=now, ended=now)
    tracing.record("publish", "producer", "rubbish", {}, began=now, ended=now)
    await stop()
    assert [span.trace for span in collector.all()] == [TRACE], "a trace that is not sampled is left alone"


async def test_an_error_is_named_and_its_text_is_not_exported(collector: Collector) -> None:
    stop = start_tracing("worker", collector.endpoint)
    with pytest.raises(ValueError, match="hunter2"), tracing.step("work", "consumer", None):
        raise ValueError("the password hunter2 is wrong")
    await stop()
    [span] = collector.all()
    assert "hunter2" not in str(span)


async def test_a_collector_that_is_away_keeps_nobody() -> None:
    stop = start_tracing("worker", "http://127.0.0.1:9")
    with tracing.step("work", "consumer", None):
        pass
    await stop()
    assert not tracing.is_on()


def test_lines_of_a_log_have_the_trace_and_the_correlation_id() -> None:
    import structlog  # noqa: PLC0415  # only here

    with bound_cause(Cause("story", traceparent=GIVEN)):
        bound = structlog.contextvars.get_contextvars()
    assert bound == {"correlation_id": "story", "trace_id": TRACE}
