"""All metric names of Drawbridge in one place (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

OUTBOX_PUBLISHED = Counter("drawbridge_outbox_published", "Messages confirmed by the broker", ["schema"])
OUTBOX_FAILED = Counter("drawbridge_outbox_failed", "Publishes that were not confirmed", ["schema", "reason"])
OUTBOX_QUARANTINED = Counter("drawbridge_outbox_quarantined", "Messages given up as unroutable", ["schema"])
OUTBOX_LAG = Histogram(
    "drawbridge_outbox_lag_seconds", "Commit to broker confirmation", ["schema"], buckets=_LATENCY
)
OUTBOX_AGE = Gauge("drawbridge_outbox_age_seconds", "Age of the oldest message that is not sent", ["schema"])
OUTBOX_UNSENT = Gauge(
    "drawbridge_outbox_unsent", "Messages waiting for the relay, as last counted", ["schema"]
)

INTAKE_MESSAGES = Counter(
    "drawbridge_intake_messages",
    "Deliveries by result: applied, duplicate, parked, requeued",
    ["queue", "result"],
)
INTAKE_BATCH = Histogram(
    "drawbridge_intake_batch_messages",
    "Messages in one transaction",
    ["queue"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)
INTAKE_AGE = Histogram(
    "drawbridge_intake_age_seconds",
    "Sending to committed effect, by queue; gateway.events is the lag of the grid",
    ["queue"],
    buckets=_LATENCY,
)
INTAKE_IN_HAND = Gauge("drawbridge_intake_in_hand", "Deliveries not yet settled", ["queue"])

WORK_ATTEMPTS = Counter(
    "drawbridge_work_attempts",
    "Attempts at work items by result: done, again, waiting, given_up, parked, lost",
    ["schema", "kind", "result"],
)
WORK_SECONDS = Histogram(
    "drawbridge_work_seconds", "Duration of one attempt", ["schema", "kind"], buckets=_LATENCY
)
WORK_AGE = Gauge(
    "drawbridge_work_age_seconds", "How long the longest due work item has been due", ["schema", "kind"]
)
WORK_ITEMS = Gauge(
    "drawbridge_work_items",
    "Unfinished work items: running, due, retry (failed before), waiting (for a limit or an outage), later",
    ["schema", "kind", "state"],
)
WORK_RUNNING = Gauge("drawbridge_work_running", "Work items running in this process", ["schema"])

OUTSIDE_CALLS = Counter(
    "drawbridge_outside_calls",
    "Calls to Procore and ledgers by outcome: 2xx, 4xx, 5xx, ok, no_answer",
    ["system", "what", "outcome"],
)
OUTSIDE_SECONDS = Histogram(
    "drawbridge_outside_seconds", "Duration of one call", ["system", "what"], buckets=_LATENCY
)
LIMIT_WAIT = Counter("drawbridge_procore_limit_wait_seconds", "Time slept for Procore's limit before a call")
LIMIT_UNTIL = Gauge(
    "drawbridge_procore_limit_until_timestamp_seconds",
    "When the latest wait that Procore asked for is over (Unix time)",
    ["reason"],
)

PARKED = Gauge("drawbridge_parked_messages", "Messages that wait for a person's decision", ["queue"])
INTENTS = Gauge("drawbridge_payment_intents", "Allocations by the state of their contract payment", ["state"])
JOB_LAG = Gauge("drawbridge_job_lag_seconds", "How long the most overdue job of a kind is overdue", ["job"])
JOBS_FAILING = Gauge("drawbridge_jobs_failing", "Jobs whose latest run failed, over all vaults", ["job"])

COMPONENT_RESTARTS = Counter(
    "drawbridge_component_restarts", "Restarts of a part after a lost connection", ["component"]
)
