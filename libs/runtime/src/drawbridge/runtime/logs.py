"""Structured logs: one JSON object a line, or coloured text for people at a terminal.

Names of events are dotted verbs (``relay.published``); facts are keywords. Values of keys that sound like
a secret, and passwords inside URLs, are masked whatever the caller does.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, cast

import structlog
from structlog.stdlib import BoundLogger
from structlog.typing import EventDict, Processor, WrappedLogger

from drawbridge.contracts.envelope import Cause

MASK = "***"

_SECRET_KEY = re.compile(
    r"(password|passwd|secret|authorization|api_?key|credential|cookie|token)", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@]+(?=@)", re.IGNORECASE)
_BEARER = re.compile(r"(?P<before>\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)


def configure_logs(service: str, level: str = "INFO", style: Literal["json", "console"] = "json") -> None:
    """Send all logs of this process, ours and the libraries', to standard error in one format."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
    ]
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.JSONRenderer(default=str)
        if style == "json"
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,  # first, so that a line that nobody reads costs little
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("aiormq", "aio_pika", "httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get_logger(name: str) -> BoundLogger:
    """A logger for a module; call it as ``log.info("dotted.verb", key=value)``."""
    return cast("BoundLogger", structlog.get_logger(name))


@contextmanager
def bound_cause(cause: Cause, **facts: str) -> Iterator[None]:
    """Put the story's ids, and further facts, on every line that is logged inside."""
    ids = {"correlation_id": cause.correlation_id}
    if cause.causation_id is not None:
        ids["causation_id"] = str(cause.causation_id)
    if cause.traceparent is not None:
        ids["trace_id"] = trace_id(cause.traceparent)
    with structlog.contextvars.bound_contextvars(**ids, **facts):
        yield


def trace_id(traceparent: str) -> str:
    """The trace of a W3C traceparent (version-trace-span-flags); as it stands on lines and in a collector."""
    return traceparent.partition("-")[2].partition("-")[0]


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask what looks like a secret, by its key or by its shape, at any depth."""
    return {key: MASK if _SECRET_KEY.search(key) else _masked(value) for key, value in event.items()}


def mask_text(text: str) -> str:
    """Mask passwords in URLs and bearer values inside a text, such as an error's."""
    return _BEARER.sub(rf"\g<before>{MASK}", _URL_PASSWORD.sub(rf"\g<before>{MASK}", text))


def _masked(value: Any) -> Any:  # noqa: ANN401  # log values are of any type
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: MASK if _SECRET_KEY.search(str(key)) else _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    if isinstance(value, BaseException):
        return mask_text(str(value))
    return value


def _named(service: str) -> Processor:
    def add_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add_service
