"""Settings of a service: read once from the environment, checked, then frozen.

A service adds its own fields in a subclass. Everything is an environment variable ``DRAWBRIDGE_<FIELD>``;
the two URLs hold passwords and are therefore ``DRAWBRIDGE_SECRET_…``.
"""

import sys
from typing import Annotated, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PREFIX = "DRAWBRIDGE_"
EX_CONFIG = 78
"""Exit code of a process that refuses its configuration (sysexits.h)."""


class DatabaseSettings(BaseSettings):
    """What a command needs to know that works on a service's schema alone."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,  # as ${NAME:-} of a compose file leaves what nobody has set
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[
        SecretStr,
        Field(
            validation_alias="DRAWBRIDGE_SECRET_DATABASE_URL",
            description="this service's own role and database, like postgresql://role:password@host:5432/name",
        ),
    ]

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, url: SecretStr) -> SecretStr:
        return _checked(url, ("postgresql", "postgres", "postgresql+asyncpg"))


class ServiceSettings(DatabaseSettings):
    """What every service needs to know. Durations are seconds; a subclass gives ``http_port`` its default."""

    amqp_url: Annotated[
        SecretStr,
        Field(
            validation_alias="DRAWBRIDGE_SECRET_AMQP_URL",
            description="this service's own broker user, like amqp://user:password@host:5672/vhost",
        ),
    ]
    http_host: str = Field(default="127.0.0.1", description="the address to listen on")
    http_port: int = Field(ge=1, le=65535, description="the port to listen on")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="the least important lines that are still logged"
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="one JSON object a line, or text for people"
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^(https?://.+)?$",
        description="the OpenTelemetry collector that takes traces, like http://collector:4318",
    )
    grace_seconds: float = Field(default=25, gt=0, description="time to finish running work at shutdown")
    database_pool_size: int = Field(default=10, ge=2, le=200, description="connections to PostgreSQL")
    lease_seconds: int = Field(default=60, ge=5, le=3600, description="how long one worker owns a work item")

    @field_validator("amqp_url")
    @classmethod
    def _amqp(cls, url: SecretStr) -> SecretStr:
        return _checked(url, ("amqp", "amqps"))


def load[S: DatabaseSettings](settings: type[S]) -> S:
    """Read the settings from the environment.

    On a problem, prints one sentence for each (the variable and what to do, never a value) to standard
    error and ends the process with exit code 78.
    """
    try:
        return settings()
    except ValidationError as error:
        _refuse(
            [_sentence(settings, detail) for detail in error.errors(include_input=False, include_url=False)]
        )
    except SettingsError as error:
        _refuse([f"{_one_line(str(error))}. Write it as JSON."])


def _checked(url: SecretStr, schemes: tuple[str, ...]) -> SecretStr:
    try:
        parts = urlsplit(url.get_secret_value())
        named = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named:
        raise ValueError(f"is not a URL like {schemes[0]}://user:password@host:port/name")
    return url


def _sentence(settings: type[DatabaseSettings], detail: ErrorDetails) -> str:
    """Say in one sentence which variable is wrong, how, and what it is for."""
    name = str(detail["loc"][0]) if detail["loc"] else ""
    variable, purpose = _described(settings, name)
    if detail["type"] == "missing":
        return f"{variable} is not set: set it to {purpose}."
    reason = _one_line(detail["msg"].removeprefix("Value error, "))
    if not name:
        return f"{reason}."
    joined = reason if detail["type"] == "value_error" else f"is refused ({reason[:1].lower()}{reason[1:]})"
    return f"{variable} {joined}: set it to {purpose}."


def _described(settings: type[DatabaseSettings], name: str) -> tuple[str, str]:
    """The environment variable of a field (given by name or by alias) and what it is for."""
    for field, info in settings.model_fields.items():
        alias = info.validation_alias if isinstance(info.validation_alias, str) else None
        variable = alias or f"{PREFIX}{field.upper()}"
        if name in {field, variable, alias}:
            return variable, (info.description or "a valid value").rstrip(".")
    return f"{PREFIX}{name.upper()}", "a valid value"


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _refuse(sentences: list[str]) -> NoReturn:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    raise SystemExit(EX_CONFIG)
