"""The ``drawbridge`` command: one group of commands a file, under `drawbridge.cli.commands`."""

from importlib.util import find_spec

import typer

from drawbridge.cli.commands import (
    contracts,
    database,
    doctor,
    grid,
    imports,
    jobs,
    parked,
    payments,
    procore,
    reprocess,
    snapshots,
    topology,
    vaults,
)

app = typer.Typer(
    help="Carries Procore subcontractor invoices into accounts payable, and payments back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(topology.app, name="topology")
app.add_typer(database.app, name="database")
app.add_typer(contracts.app, name="contracts")
app.add_typer(vaults.app, name="vaults")
app.add_typer(parked.app, name="parked")
app.add_typer(jobs.app, name="jobs")
app.add_typer(procore.app, name="procore")
app.command("doctor")(doctor.doctor)
app.command("grid")(grid.grid)
app.command("import")(imports.import_)
app.command("reprocess")(reprocess.reprocess)
app.command("payments")(payments.payments)
app.command("reconcile")(payments.reconcile)
app.command("snapshot")(snapshots.snapshot)
app.command("after-restore")(snapshots.after_restore)

if find_spec("drawbridge.testkit"):  # the extra `demo`: a whole Drawbridge with its servers, on this machine
    from drawbridge.cli.demo import command as demo

    for command in (demo.demo, demo.up, demo.down, demo.env):
        app.command()(command)

if __name__ == "__main__":
    app()
