"""The composition root: the only place that knows every part of import-service."""

from datetime import timedelta

from drawbridge.contracts.errors import Refused
from drawbridge.contracts.import_commands import (
    ImportInvoice,
    NewInvoice,
    RefreshInvoice,
)
from drawbridge.import_service.domain.finding import Finding
from drawbridge.import_service.domain.polling import polls_per_hour
from drawbridge.import_service.entrypoints.intake import COMMANDS_QUEUE, EVENTS_QUEUE, Intake
from drawbridge.import_service.entrypoints.work import (
    CommandWork,
    ListWork,
    LookWork,
    RecheckWork,
    SyncWork,
    VendorCodeWork,
    WebhookWork,
)
from drawbridge.import_service.procore_access import ProcoreCompanies
from drawbridge.import_service.settings import Settings
from drawbridge.import_service.store.owned import KEPT, OWNED
from drawbridge.import_service.store.tables import SCHEMA
from drawbridge.import_service.store.vaults import all_vaults
from drawbridge.import_service.usecases.apply_vendor_code import VendorCodeApplier
from drawbridge.import_service.usecases.check_procore import ProcoreChecker
from drawbridge.import_service.usecases.do_at_once import AT_ONCE, InvoiceCommander
from drawbridge.import_service.usecases.import_invoice import InvoiceImporter
from drawbridge.import_service.usecases.list_projects import ProjectLister
from drawbridge.import_service.usecases.look_at_invoice import InvoiceLooker
from drawbridge.import_service.usecases.new_invoice import QueuedInvoiceMaker
from drawbridge.import_service.usecases.procore_port import ProcoreAccess
from drawbridge.import_service.usecases.recheck_invoice import InvoiceRechecker
from drawbridge.import_service.usecases.refresh_invoice import InvoiceRefresher
from drawbridge.import_service.usecases.schedule_reads import ReadSchedule
from drawbridge.import_service.usecases.schedule_webhooks import WebhookSchedule
from drawbridge.import_service.usecases.settle_webhook import WebhookSettler
from drawbridge.import_service.usecases.sync_project import ProjectSync
from drawbridge.import_service.usecases.telling import SERVICE
from drawbridge.messaging import Broker, Relay
from drawbridge.messaging import Intake as IntakeComponent
from drawbridge.persistence import Database, VaultShares, WorkHandler, WorkLoop, cleaning, measuring
from drawbridge.persistence.snapshots import SnapshotReader, SnapshotWork
from drawbridge.procore import Credentials, ProcoreClient, RateLimiter
from drawbridge.runtime import Component, periodic, resolve_secret, supervise

_TICK = timedelta(seconds=1)


def make_database(settings: Settings) -> Database:
    """The database of the schema ``imports``."""
    return Database(
        settings.database_url, schema=SCHEMA, service=SERVICE, pool_size=settings.database_pool_size
    )


def make_companies(settings: Settings) -> ProcoreCompanies:
    """Procore, as the deployment says where it is."""
    return ProcoreCompanies(
        api_url=str(settings.procore_api_url),
        login_url=str(settings.procore_login_url),
        share=settings.procore_share,
        budget=settings.procore_budget,
    )


async def check_procore(
    settings: Settings, company_id: int, client_id: str, client_secret: str
) -> list[Finding]:
    """Check a company with the credentials that two references name."""
    try:
        credentials = Credentials(resolve_secret(client_id).get_secret_value(), resolve_secret(client_secret))
    except Refused as error:
        return [Finding("Secrets", "red", error.problem.message, error.problem.advice)]
    limiter = RateLimiter(settings.procore_share)
    async with ProcoreClient(
        api_url=str(settings.procore_api_url),
        login_url=str(settings.procore_login_url),
        credentials=credentials,
        company_id=company_id,
        limiter=limiter,
    ) as client:
        return await ProcoreChecker(client, limiter, company_id).run()


def work_handlers(database: Database, access: ProcoreAccess, settings: Settings) -> list[WorkHandler]:
    """One handler for each kind of work item."""
    patience = timedelta(seconds=settings.new_invoice_patience_seconds)
    gateway_url = str(settings.webhook_url) if settings.webhook_url else None
    commander = InvoiceCommander(database)
    return [
        CommandWork(ImportInvoice, InvoiceImporter(database, access)),
        CommandWork(NewInvoice, QueuedInvoiceMaker(database, access, patience)),
        CommandWork(RefreshInvoice, InvoiceRefresher(database, access)),
        *(CommandWork(command, commander) for command in AT_ONCE),
        VendorCodeWork(VendorCodeApplier(database)),
        SyncWork(ProjectSync(database, access)),
        ListWork(ProjectLister(database, access)),
        RecheckWork(InvoiceRechecker(database, access)),
        LookWork(InvoiceLooker(database, access)),
        WebhookWork(WebhookSettler(database, access, gateway_url)),
        SnapshotWork(database, OWNED),
    ]


def components(
    settings: Settings, database: Database, broker: Broker, access: ProcoreCompanies
) -> list[Component]:
    """All parts of the worker."""
    callers = VaultShares(database, "procore", all_vaults, lambda vault: access.budget_of(vault.settings))
    intake = Intake(database, access)
    schedule = ReadSchedule(
        database,
        timedelta(seconds=settings.project_refresh_seconds),
        polls_per_hour(settings.procore_calls_per_hour),
    )
    return [
        Relay(database, broker),
        callers.component,
        IntakeComponent(broker, database, COMMANDS_QUEUE, intake.commands),
        IntakeComponent(broker, database, EVENTS_QUEUE, intake.events),
        WorkLoop(
            database,
            work_handlers(database, access, settings),
            concurrency=settings.work_concurrency,
            for_clicks=settings.work_for_clicks,
            sharing=callers,
            lease=timedelta(seconds=settings.lease_seconds),
        ),
        periodic("schedule", _TICK, schedule.run),
        periodic("webhooks", _TICK, WebhookSchedule(database).run),
        SnapshotReader(database, KEPT).component(),
        cleaning(database),
        measuring(database),
    ]


async def run_worker(settings: Settings) -> int:
    """Run the worker until it is told to stop; gives the exit code."""
    database = make_database(settings)
    broker = Broker(settings.amqp_url, name=SERVICE)
    companies = make_companies(settings)
    return await supervise(
        f"{SERVICE} worker",
        components(settings, database, broker, companies),
        settings=settings,
        closers=[broker.close, companies.close, database.dispose],
    )
