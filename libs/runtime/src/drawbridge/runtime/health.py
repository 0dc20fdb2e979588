"""The three probes of every process: ``/livez``, ``/readyz`` and ``/metrics``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp


class Reporting(Protocol):
    """A part that knows whether it can do its work now."""

    name: str

    def ready(self) -> bool:
        """True while connected and working."""
        ...


@dataclass
class Health:
    """What the probes report. ``stopping`` makes the process unready before anything else stops."""

    parts: Sequence[Reporting] = field(default=())
    stopping: bool = False

    def states(self) -> dict[str, str]:
        """The state of each part in one word."""
        return {part.name: "ready" if part.ready() else "not ready" for part in self.parts}

    def ready(self) -> bool:
        """True when every part is ready and the process is not stopping."""
        return not self.stopping and all(part.ready() for part in self.parts)


def health_app(health: Health, app: ASGIApp | None = None) -> Starlette:
    """The probes, in front of a service's own application if it has one."""

    async def livez(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_request: Request) -> Response:
        ready = health.ready()
        status = "stopping" if health.stopping else "ready" if ready else "not ready"
        return JSONResponse(
            {"status": status, "components": health.states()}, status_code=200 if ready else 503
        )

    async def show_metrics(_request: Request) -> Response:
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    routes: list[Route | Mount] = [
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/metrics", show_metrics),
    ]
    if app is not None:
        routes.append(Mount("/", app=app))
    return Starlette(routes=routes)
