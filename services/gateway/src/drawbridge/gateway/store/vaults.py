"""Vaults and the problems that services found in their settings."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from drawbridge.contracts import Problem
from drawbridge.contracts.values import SubjectVersion, Timestamp, Value
from drawbridge.contracts.vaults import VaultProblemsReported, VaultSettings
from drawbridge.gateway.domain.refusals import no_vault
from drawbridge.gateway.store.sets import newest, upsert
from drawbridge.gateway.store.stored import stored
from drawbridge.gateway.store.tables import SCHEMA, ProcoreInvoiceRow, VaultProblemsRow, VaultRow, table


class Vault(Value):
    """A vault with the settings in force."""

    id: str
    version: SubjectVersion
    settings: VaultSettings
    updated_at: Timestamp
    updated_by: str


class FoundProblems(Value):
    """What one service found in one version of the settings."""

    service: str
    settings_version: int
    problems: tuple[Problem, ...]


async def lock_vaults(session: AsyncSession) -> None:
    """Let nobody else change any vault until the transaction ends: rules span several vaults."""
    await session.execute(text(f"LOCK TABLE {SCHEMA}.vaults IN SHARE ROW EXCLUSIVE MODE"))


async def get_vault(session: AsyncSession, vault_id: str) -> Vault:
    """One vault.

    Raises:
        NotFound: when there is none of that id.
    """
    vault = await find_vault(session, vault_id)
    if vault is None:
        raise no_vault(vault_id)
    return vault


async def find_vault(session: AsyncSession, vault_id: str) -> Vault | None:
    """One vault, if there is one of that id."""
    row = await session.get(VaultRow, vault_id)
    return read_vault(row) if row else None


async def all_vaults(session: AsyncSession, company_id: int | None = None) -> list[Vault]:
    """All vaults, or those of one Procore company, by id."""
    statement = select(VaultRow).order_by(table(VaultRow).c.id)
    if company_id is not None:
        statement = statement.where(table(VaultRow).c.company_id == company_id)
    return [read_vault(row) for row in (await session.execute(statement)).scalars()]


async def vaults_where(session: AsyncSession, condition: ColumnElement[bool]) -> list[Vault]:
    """Each vault for which it holds."""
    return [read_vault(row) for row in (await session.execute(select(VaultRow).where(condition))).scalars()]


async def time_zones(session: AsyncSession, vault_ids: Iterable[str]) -> dict[str, str]:
    """The time zone of each of these vaults."""
    columns = table(VaultRow).c
    zone = columns.settings["time_zone"].as_string()
    statement = select(columns.id, zone).where(columns.id == func.any(list(vault_ids)))
    return {row[0]: row[1] for row in await session.execute(statement)}


async def save_vault(session: AsyncSession, vault: Vault) -> None:
    """Insert or replace a vault."""
    await session.merge(
        VaultRow(
            id=vault.id,
            version=vault.version,
            company_id=vault.settings.procore.company_id,
            settings=vault.settings.model_dump(mode="json"),
            updated_at=vault.updated_at,
            updated_by=vault.updated_by,
        )
    )


async def invoiced_projects(session: AsyncSession, company_id: int) -> dict[int, str]:
    """In which vault a project of this Procore company has AP invoices."""
    rows = table(ProcoreInvoiceRow).c
    statement = (
        select(rows.project_id, rows.vault_id)
        .where(rows.company_id == company_id, rows.invoice_id.is_not(None))
        .distinct()
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def store_problems(session: AsyncSession, reports: Sequence[VaultProblemsReported]) -> None:
    """Keep the latest report on the newest version, per vault and service.

    A service reports again on an unchanged version when the settings are sent again: a secret that was
    missing may be there now.
    """
    rows = [
        VaultProblemsRow(
            vault_id=report.vault_id,
            service=report.service,
            version=report.settings_version,
            problems=[problem.model_dump() for problem in report.problems],
        )
        for report in reports
    ]
    best = newest(rows, lambda row: (row.vault_id, row.service))
    await upsert(session, table(VaultProblemsRow), [row.model_dump() for row in best], equal=True)


async def problems_of(session: AsyncSession, vault: Vault) -> list[FoundProblems]:
    """What the services found in the current version; a service that has not answered is not among them."""
    columns = table(VaultProblemsRow).c
    statement = (
        select(VaultProblemsRow)
        .where(columns.vault_id == vault.id, columns.version == vault.version)
        .order_by(columns.service)
    )
    return [
        FoundProblems(service=row.service, settings_version=row.version, problems=tuple(row.problems))
        for row in (await session.execute(statement)).scalars()
    ]


def read_vault(row: VaultRow | Row[*tuple[Any, ...]]) -> Vault:
    """A vault out of its row, or out of a line with its columns."""
    return Vault(
        id=row.id,
        version=row.version,
        settings=stored(VaultSettings, row.settings),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
