"""Settings of the gateway's processes."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from drawbridge.runtime import ServiceSettings

_SHORTEST_KEY = 16


class Settings(ServiceSettings):
    """What both processes need; the key is the API's alone."""

    http_port: int = Field(default=8080, ge=1, le=65535, description="the port of the API or the probes")
    announce_seconds: int = Field(
        default=3600, ge=1, description="how often all services are told the vaults' settings again"
    )


class ApiSettings(Settings):
    """What the API needs besides."""

    bootstrap_key: Annotated[
        SecretStr,
        Field(
            validation_alias="DRAWBRIDGE_SECRET_BOOTSTRAP_KEY",
            description="the first operator's API key, at least 16 characters of random text",
        ),
    ]
    max_wait_seconds: float = Field(
        default=30, ge=0, le=120, description="the longest that a request may wait for its operation"
    )

    @field_validator("bootstrap_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"is shorter than {_SHORTEST_KEY} characters")
        return key
