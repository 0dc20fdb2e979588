"""Vault settings, projects, and what comes before its vault."""

from sqlalchemy import text

from drawbridge.contracts.import_commands import CreateInvoice
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.procore_invoices import ProjectState
from drawbridge.contracts.values import Change
from drawbridge.contracts.vaults import ProcoreConnection, VaultProblemsReported, VaultSettingsState
from drawbridge.import_service.settings import Settings
from drawbridge.persistence import Database, check
from tests.factories.imports import BY, CLIENT_ID, DAWN, VAULT, ImportWorld, fresh_invoice_id, vault_settings
from tests.factories.waiting import eventually


async def test_the_migrated_schema_is_the_declared_one(settings: Settings) -> None:
    assert await check(settings.database_url, "drawbridge.import_service") == []


async def test_active_projects_of_the_company_are_told(world: ImportWorld) -> None:
    await world.settle_vault()
    active = set(world.procore.facts["active_project_ids"])
    await eventually(lambda: {each.project_id for each in world.of(ProjectState)} == active)
    assert all(each.name and each.active for each in world.of(ProjectState))


async def test_a_project_that_the_vault_gives_up_is_told_inactive(world: ImportWorld) -> None:
    first, second, *_ = world.procore.facts["active_project_ids"]
    await world.settle_vault(projects=[first, second])
    await eventually(lambda: {each.project_id for each in world.of(ProjectState)} == {first, second})
    await world.settle_vault(version=2, projects=[first])
    await eventually(lambda: any(not each.active for each in world.of(ProjectState)))
    gone = [each.project_id for each in world.of(ProjectState) if not each.active]
    assert gone == [second]


async def test_settings_that_change_while_projects_are_listed_are_not_missed(world: ImportWorld) -> None:
    listing = {"path_prefix": "/rest/v1.1/projects", "method": "GET"}
    await world.at_procore("POST", "faults", {"kind": "delay", "seconds": 2, "match": listing})
    first = world.procore.facts["active_project_ids"][0]
    change = Change(what="changed", at=DAWN)
    for version, projects in ((1, "rest"), (2, [first])):
        settings = vault_settings(world.procore.company_id, projects=projects)
        state = VaultSettingsState(version=version, change=change, vault_id=VAULT, settings=settings)
        await world.tell(state)
        await eventually(lambda: world.procore.calls["GET /rest/v1.1/projects"])

    def active() -> set[int]:
        latest = {each.project_id: each.active for each in world.of(ProjectState)}
        return {project_id for project_id in latest if latest[project_id]}

    await eventually(lambda: active() == {first})


async def test_a_reference_that_leads_nowhere_is_reported_with_the_settings_version(
    world: ImportWorld,
) -> None:
    connection = ProcoreConnection(
        company_id=1, client_id=f"env:{CLIENT_ID}", client_secret="env:DRAWBRIDGE_SECRET_NOT_THERE"
    )
    settings = vault_settings(1, procore=connection)
    change = Change(what="changed", at=DAWN)
    await world.tell(VaultSettingsState(version=7, change=change, vault_id=VAULT, settings=settings))
    await eventually(lambda: world.of(VaultProblemsReported))
    report = world.of(VaultProblemsReported)[0]
    assert (report.service, report.settings_version) == ("import-service", 7)
    assert [problem.code for problem in report.problems] == ["secret_reference"]
    assert "DRAWBRIDGE_SECRET_NOT_THERE" in report.problems[0].message


async def test_good_settings_are_reported_without_problems(world: ImportWorld) -> None:
    await world.settle_vault()
    assert world.of(VaultProblemsReported)
    assert all(each.problems == () for each in world.of(VaultProblemsReported))


async def test_older_settings_never_win(world: ImportWorld, database: Database) -> None:
    await world.settle_vault(version=5, name="Newer")
    change = Change(what="changed", at=DAWN)
    older = vault_settings(world.procore.company_id, name="Older")
    await world.tell(VaultSettingsState(version=4, change=change, vault_id=VAULT, settings=older))
    await eventually(lambda: any(each.settings_version == 4 for each in world.of(VaultProblemsReported)))
    async with database.reading() as session:
        name = await session.execute(text("SELECT settings ->> 'name' FROM vaults"))
        assert name.scalar_one() == "Newer"


async def test_a_command_that_comes_before_its_vault_waits_for_it(world: ImportWorld) -> None:
    command = CreateInvoice(vault_id=VAULT, requested_by=BY, invoice_id=fresh_invoice_id())
    sent = await world.command(command)
    await eventually(lambda: any(each.message.TYPE.endswith("postponed.v1") for each in world.heard))
    assert world.answers(sent) == []
    await world.settle_vault()
    assert isinstance(await world.answer(sent, 20), InvoiceState)


async def test_the_vendor_map_is_seeded_from_procore(world: ImportWorld, database: Database) -> None:
    await world.settle_vault()
    coded = {
        each["id"]: each["origin_code"] for each in world.procore.vendors.values() if each["origin_code"]
    }
    async with database.reading() as session:
        rows = await session.execute(text("SELECT vendor_id, procore_code FROM vendor_codes"))
        found = {row.vendor_id: row.procore_code for row in rows if row.procore_code}
    assert found == coded

    uncoded = world.procore.facts["no_vendor_code_requisition_id"]
    if world.procore.requisitions[uncoded]["status"] == "approved":
        answer = await world.do(world.importing(uncoded))
        assert isinstance(answer, InvoiceState)
        assert answer.invoice.content is not None
        assert answer.invoice.content.header.vendor.ledger_code is None
