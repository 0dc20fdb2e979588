"""What payment-backfiller counts of its own rows."""

from drawbridge.persistence import Measure
from drawbridge.runtime.metrics import INTENTS, JOB_LAG, JOBS_FAILING

MEASURES = (
    Measure(INTENTS, "SELECT write_state, count(*) FROM allocations WHERE NOT gone GROUP BY write_state"),
    Measure(
        JOB_LAG,
        "SELECT job, greatest(max(extract(epoch FROM now() - next_run_at)), 0) FROM jobs"
        " WHERE next_run_at IS NOT NULL GROUP BY job",
    ),
    Measure(JOBS_FAILING, "SELECT job, count(*) FILTER (WHERE failing <> '') FROM jobs GROUP BY job"),
)
