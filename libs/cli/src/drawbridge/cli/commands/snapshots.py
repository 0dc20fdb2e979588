"""``drawbridge snapshot`` and ``drawbridge after-restore``: when services disagree about what there is."""

import subprocess
import sys
import time
from typing import Annotated, Any, get_args

import typer
from rich.progress import Progress

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.terminal import fail, out
from drawbridge.contracts.snapshots import Owner

OWNERS: tuple[str, ...] = get_args(Owner)
_LOOK_SECONDS = 0.5
_ENDED = ("done", "failed", "replaced")


def snapshot(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(OWNERS)}.")],
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the gateway has all of it, and show how far it is.")
    ] = False,
) -> None:
    """Have a service tell its whole state again, so that all others rebuild what they keep of it.

    Normal work goes on meanwhile. Rows that the service does not know are removed.
    """
    _check(service)
    with failing_clearly(), Api() as api:
        begun = api.post("/v1/snapshots", {"owner": service})
        out.print(f"Requested: snapshot {begun['id']} of {service}.")
        if wait:
            _tell(_followed(api, begun["id"]))


def after_restore(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(OWNERS)}.")],
) -> None:
    """Let the others believe a service's schema again after it was restored from a backup.

    Runs ``python -m drawbridge.SERVICE after-restore`` with this environment: it needs the service's own
    DRAWBRIDGE_SECRET_DATABASE_URL. Stop the service's worker first, and start it afterwards.
    """
    _check(service)
    module = f"drawbridge.{service.replace('-', '_')}"
    argv = [sys.executable, "-m", module, "after-restore"]
    raise typer.Exit(subprocess.run(argv, check=False).returncode)  # noqa: S603  # our own module, by its name


def _check(service: str) -> None:
    if service not in OWNERS:
        fail(f"There is no service {service!r}. Name one of {', '.join(OWNERS)}.")


def _followed(api: Api, snapshot_id: str) -> dict[str, Any]:
    """The snapshot once it has ended, with a bar for people meanwhile."""
    with Progress(console=out, transient=True) as progress:
        bar = progress.add_task("Waiting for the service", total=None)
        while True:
            now: dict[str, Any] = api.get(f"/v1/snapshots/{snapshot_id}")
            progress.update(bar, description=now["status"], completed=now["sent"], total=now["total"] or None)
            if now["status"] in _ENDED:
                return now
            time.sleep(_LOOK_SECONDS)


def _tell(now: dict[str, Any]) -> None:
    if now["status"] == "failed":
        fail(f"The snapshot was given up: {now['problem']['message']} {now['problem']['advice']}")
    if now["status"] == "replaced":
        fail("A newer snapshot was requested; follow that one.")
    out.print(f"Done: {now['sent']} subjects told, {sum(now['removed'].values())} unknown rows removed.")
