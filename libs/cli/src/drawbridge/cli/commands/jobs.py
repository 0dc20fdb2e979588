"""``drawbridge jobs``: the payment jobs of a vault."""

from typing import Annotated

import typer
from rich.table import Table

from drawbridge.cli.api import Api, failing_clearly
from drawbridge.cli.following import await_operation
from drawbridge.cli.terminal import JsonOption, VaultArgument, fail, out, print_json

app = typer.Typer(help="The payment jobs of a vault.", no_args_is_help=True)

Job = Annotated[str, typer.Argument(help="payment_retrieval or check_backfill.")]


@app.command("list")
def list_jobs(vault: VaultArgument, *, as_json: JsonOption = False) -> None:
    """Show both jobs: schedule, state, last and next run."""
    with failing_clearly(), Api() as api:
        jobs = api.get(f"/v1/vaults/{vault}/jobs")["items"]
    if as_json:
        print_json(jobs)
        return
    table = Table("job", "schedule", "state", "why", "last run", "next run")
    for job in jobs:
        times = (job["last_run_at"] or "never", job["next_run_at"] or "")
        table.add_row(job["job"], job["schedule"], job["status"], job["reason"], *times)
    out.print(table)


@app.command("run")
def run(
    vault: VaultArgument,
    job: Job,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, write nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a job now and wait for its end; ends with 1 if it failed."""
    with failing_clearly(), Api() as api:
        operation = api.post(f"/v1/vaults/{vault}/jobs/{job}/runs", {"dry_run": dry_run})
        ended = await_operation(api, operation["id"], f"Running {job}")
    if as_json:
        print_json(ended)
    elif ended["status"] == "done":
        counts = ", ".join(f"{count} {name}" for name, count in ended["result"].get("counts", {}).items())
        out.print(f"Done: {counts or 'nothing to do'}.")
    if ended["status"] != "done":
        problem = ended["problem"] or {"message": f"It is still {ended['status']}.", "advice": ""}
        fail(f"{problem['message']} {problem['advice']}".strip())


@app.command("runs")
def runs(vault: VaultArgument, job: Job, *, as_json: JsonOption = False) -> None:
    """Show the latest runs of a job with their counts."""
    with failing_clearly(), Api() as api:
        found = api.get(f"/v1/vaults/{vault}/jobs/{job}/runs", limit=20)["items"]
    if as_json:
        print_json(found)
        return
    table = Table("run", "began", "by", "outcome", "counts")
    for each in found:
        counts = ", ".join(f"{name} {count}" for name, count in each["counts"].items())
        outcome = f"{each['status']}{' (dry run)' if each['dry_run'] else ''}"
        table.add_row(each["id"], each["started_at"], each["requested_by"], outcome, counts)
    out.print(table)
