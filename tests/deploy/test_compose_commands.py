"""Every command in docker-compose.yml exists, and is given the variables that it reads and no others."""

import importlib
import re
from collections.abc import Iterator
from importlib.metadata import entry_points

import pytest
import typer
from typer.testing import CliRunner

from deploy.settings_table import SECTIONS
from deploy.settings_table import variables as variables_of
from drawbridge.cli.api import KEY, URL
from drawbridge.cli.commands.database import SCHEMAS
from drawbridge.contracts.broker_access import SERVICES
from drawbridge.runtime import DatabaseSettings, ServiceSettings, load
from tests.deploy.conftest import Become
from tests.factories.compose import (
    SANDBOX_FILES,
    WEBHOOK_SECRET,
    Service,
    image_variables,
    our_services,
    variables,
)

OURS = our_services()
WITH_SETTINGS = {name: service for name, service in OURS.items() if service["command"][0] == "python"}
EVERY = pytest.mark.parametrize("service", OURS.values(), ids=OURS)


def _application(service: Service) -> tuple[typer.Typer, list[str]]:
    """The Typer application that a service starts, and what it is given."""
    command = service["command"]
    if command[:2] == ["python", "-m"]:
        return importlib.import_module(f"{command[2]}.__main__").app, command[3:]
    [script] = entry_points(group="console_scripts", name=command[0])
    return script.load(), command[1:]


def _options(service: Service) -> Iterator[tuple[str, bool]]:
    """The variables that the command's options read, and whether it cannot do without."""
    application, arguments = _application(service)
    found = typer.main.get_command(application)
    for argument in arguments:
        found = getattr(found, "commands", {}).get(argument, found)
    for parameter in found.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar, parameter.required


def _settings(service: Service) -> type[DatabaseSettings]:
    """The settings class of ``python -m drawbridge.SERVICE COMMAND``; a migration reads the worker's."""
    _, _, module, command = service["command"]
    name = module.removeprefix("drawbridge.").replace("_", "-")
    if name == "gateway":
        return SECTIONS["gateway api" if command == "api" else "gateway, api and worker"]
    return SECTIONS[f"{name} worker"]


def _known(service: Service) -> set[str]:
    """Every variable that the command may read."""
    known = {name for name, _ in _options(service)}
    match service["command"]:
        case ["python", "-m", _, command]:
            known |= set(variables_of(_settings(service)))
            known |= _references() if command == "worker" else set()
            known |= {WEBHOOK_SECRET} if command in ("worker", "api") else set()
        case ["drawbridge", "database", _]:
            known |= {f"DRAWBRIDGE_SECRET_{schema.upper()}_PASSWORD" for schema in SCHEMAS}
        case ["drawbridge", "topology", "users", "--consumer", consumer]:
            names = [each.upper().replace("-", "_") for each in (*SERVICES, consumer)]
            known |= {f"DRAWBRIDGE_SECRET_{name}_BROKER_PASSWORD" for name in names}
        case ["drawbridge", "vaults", *_]:
            known |= {URL, KEY}
    return known


def _references() -> set[str]:
    """What the sandbox's vaults and ledgers refer to."""
    text = "".join(path.read_text(encoding="utf-8") for path in SANDBOX_FILES.glob("*.yaml"))
    return set(re.findall(r"env:(\w+)", text))


@EVERY
def test_the_command_exists(service: Service) -> None:
    application, arguments = _application(service)
    done = CliRunner().invoke(application, [*arguments, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output


@EVERY
def test_every_variable_is_one_that_the_command_reads(service: Service) -> None:
    assert set(variables(service)) <= _known(service)


@EVERY
def test_options_that_it_cannot_do_without_are_given(service: Service) -> None:
    assert {name for name, required in _options(service) if required} <= set(variables(service))


@pytest.mark.parametrize("service", WITH_SETTINGS.values(), ids=WITH_SETTINGS)
def test_the_settings_are_complete_and_accepted(service: Service, become: Become) -> None:
    become(image_variables() | variables(service))
    settings = load(_settings(service))
    assert isinstance(settings, ServiceSettings)
    assert str(settings.http_port) == image_variables()["DRAWBRIDGE_HTTP_PORT"]


def test_the_image_sets_what_every_process_reads() -> None:
    processes = [settings for settings in SECTIONS.values() if issubclass(settings, ServiceSettings)]
    assert processes
    for settings in processes:
        assert set(image_variables()) <= set(variables_of(settings))
