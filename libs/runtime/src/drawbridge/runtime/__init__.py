"""What every process needs first: settings, logs, health, failpoints, ordered shutdown."""

from drawbridge.runtime import failpoints, metrics, tracing
from drawbridge.runtime.clock import utc_now
from drawbridge.runtime.collecting import spare_collector
from drawbridge.runtime.health import Health, health_app
from drawbridge.runtime.http import HttpServer
from drawbridge.runtime.keeping import Component, keep_running
from drawbridge.runtime.logs import bound_cause, configure_logs, get_logger
from drawbridge.runtime.outside import outside_call
from drawbridge.runtime.pausing import back_off, pause
from drawbridge.runtime.periodic import periodic
from drawbridge.runtime.secrets import check_reference, resolve_secret
from drawbridge.runtime.settings import DatabaseSettings, ServiceSettings, load
from drawbridge.runtime.supervisor import Closer, run_process, supervise
from drawbridge.runtime.transient import is_transient, register_transient

__all__ = [
    "Closer",
    "Component",
    "DatabaseSettings",
    "Health",
    "HttpServer",
    "ServiceSettings",
    "back_off",
    "bound_cause",
    "check_reference",
    "configure_logs",
    "failpoints",
    "get_logger",
    "health_app",
    "is_transient",
    "keep_running",
    "load",
    "metrics",
    "outside_call",
    "pause",
    "periodic",
    "register_transient",
    "resolve_secret",
    "run_process",
    "spare_collector",
    "supervise",
    "tracing",
    "utc_now",
]
