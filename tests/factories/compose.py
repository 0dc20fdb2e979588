"""docker-compose.yml as Compose reads it: merged, with every variable at its default."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
COMPOSE_FILE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
SANDBOX_FILES = ROOT / "deploy" / "sandbox"

WEBHOOK_SECRET = "DRAWBRIDGE_SECRET_PROCORE_WEBHOOK"

COMPLETED, HEALTHY = "service_completed_successfully", "service_healthy"

_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")

type Service = dict[str, Any]


def _default(_name: str, default: str) -> str:
    return default


def services(value: Callable[[str, str], str] = _default) -> dict[str, Service]:
    """All services, in the order of the file. ``value`` makes a variable's value of name and default."""
    text = _VARIABLE.sub(lambda found: value(found[1], found[2]), COMPOSE_FILE.read_text(encoding="utf-8"))
    found: dict[str, Service] = yaml.safe_load(text)["services"]
    return found


def our_services() -> dict[str, Service]:
    """Those that run an image of ours."""
    return {name: service for name, service in services().items() if "build" in service}


def our_processes() -> dict[str, Service]:
    """Those of ours that stay."""
    return {name: service for name, service in our_services().items() if not is_job(service)}


def is_job(service: Service) -> bool:
    """True for what ends by itself."""
    return "restart" not in service


def variables(service: Service) -> dict[str, str]:
    """The environment that the file gives to a service."""
    return dict(service.get("environment") or {})


def image_variables() -> dict[str, str]:
    """The variables of ours that the image itself sets."""
    return dict(re.findall(r"\b(DRAWBRIDGE_\w+)=(\S+)", DOCKERFILE.read_text(encoding="utf-8")))
