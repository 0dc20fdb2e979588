"""Which settings of a vault are sound, alone and beside the other vaults of its Procore company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from drawbridge.contracts.errors import Refused
from drawbridge.contracts.values import ProcoreId
from drawbridge.contracts.vaults import VaultChoices, VaultSettings
from drawbridge.gateway.domain.refusals import Invalid
from drawbridge.runtime import check_reference

_CRON_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another vault of the same Procore company."""

    vault_id: str
    settings: VaultSettings


def check_choices(choices: VaultChoices) -> None:
    """Check the settings by themselves.

    Raises:
        Invalid: for an unknown time zone, a bad schedule, or what is not a reference to a secret.
    """
    _check_time_zone(choices.time_zone)
    for name, job in (
        ("payment_retrieval", choices.payment_retrieval),
        ("check_backfill", choices.check_backfill),
    ):
        _check_schedule(name, job.schedule)
    for name in ("client_id", "client_secret"):
        _check_reference(f"procore.{name}", getattr(choices.procore, name))
    if choices.procore.webhook_authorization is not None:
        _check_reference("procore.webhook_authorization", choices.procore.webhook_authorization)


def check_neighbours(
    vault_id: str, choices: VaultChoices, neighbours: Sequence[Neighbour], invoiced: Mapping[ProcoreId, str]
) -> None:
    """Check the selection of projects: a project belongs to at most one active vault.

    ``invoiced`` says in which vault a project of this company has AP invoices; it stays there.

    Raises:
        Refused: naming the project and the other vault.
    """
    if not choices.active:
        return
    active = [each for each in neighbours if each.settings.active and each.vault_id != vault_id]
    listed = set(choices.projects) if choices.projects != "rest" else set()
    for each in active:
        _check_overlap(choices, listed, each)
    for project, home in invoiced.items():
        if home != vault_id and project in listed:
            raise _stays(project, home)
        if home == vault_id and choices.projects != "rest" and project not in listed:
            raise _stays(project, home)


def in_force(choices: VaultChoices, before: VaultSettings | None, now: datetime) -> VaultSettings:
    """The settings to store; a change of behavior applies from now on (product rule 12)."""
    same = before is not None and before.automated_import == choices.automated_import
    since = before.automated_import_since if before is not None and same else now
    return VaultSettings(**dict(choices), automated_import_since=since)


def check_manager(choices: VaultChoices, before: VaultSettings | None) -> None:
    """A vault that a file manages is changed in that file only.

    Raises:
        Refused: ``managed_by_file``.
    """
    if before is not None and before.managed_by == "file" and choices.managed_by != "file":
        raise managed_by_file()


def managed_by_file() -> Refused:
    """The answer about a vault that is changed in its file only."""
    return Refused(
        "managed_by_file",
        "This vault is managed by a file.",
        "Change the file and run `drawbridge vaults apply`.",
    )


def _check_overlap(choices: VaultChoices, listed: set[int], other: Neighbour) -> None:
    if choices.projects == "rest" and other.settings.projects == "rest":
        raise Refused(
            "two_rest_vaults",
            f"The vault {other.vault_id!r} already takes the rest of this Procore company's projects.",
            "List the projects of one of the two vaults.",
        )
    if other.settings.projects == "rest":
        return
    shared = listed.intersection(other.settings.projects)
    if shared:
        raise Refused(
            "project_in_two_vaults",
            f"The project {min(shared)} already belongs to the vault {other.vault_id!r}.",
            "A project belongs to at most one active vault; take it out of one of them.",
        )


def _stays(project: int, home: str) -> Refused:
    return Refused(
        "project_has_invoices",
        f"The project {project} has AP invoices in the vault {home!r} and stays there.",
        f"Leave the project {project} in the vault {home!r}.",
    )


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(
            "unknown_time_zone",
            f"time_zone: {name!r} is no time zone.",
            "Use an IANA name such as America/Chicago.",
        ) from None


def _check_schedule(job: str, schedule: str) -> None:
    if not _comes_due(schedule):
        raise Invalid(
            "bad_schedule",
            f"{job}.schedule: {schedule!r} is no five-field cron expression that ever comes due.",
            "Write minute, hour, day, month and weekday, such as 0 * * * * for hourly.",
        )


def _comes_due(schedule: str) -> bool:
    try:
        next(CronSim(schedule, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        return False
    return len(schedule.split()) == _CRON_FIELDS


def _check_reference(name: str, reference: str) -> None:
    try:
        check_reference(reference)
    except Refused as error:
        raise Invalid("secret_reference", f"{name}: {error.problem.message}", error.problem.advice) from None
