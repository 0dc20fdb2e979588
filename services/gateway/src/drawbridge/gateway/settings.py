"""Settings of the gateway's processes."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from drawbridge.runtime import ServiceSettings

_SHORTEST_KEY = 16
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Public-key signatures only: with a shared secret, whoever verifies a token could also make one."""


class Settings(ServiceSettings):
    """What both processes need; the key is the API's alone."""

    http_port: int = Field(default=8080, ge=1, le=65535, description="the port of the API or the probes")
    announce_seconds: int = Field(
        default=3600, ge=1, description="how often all services are told the vaults' settings again"
    )


class OidcSettings(Settings):
    """Whose tokens the API takes. Without an issuer it takes keys only."""

    oidc_issuer: str | None = Field(
        default=None, description="the identity provider, exactly as its tokens name it"
    )
    oidc_audience: str | None = Field(default=None, description="this API, as the provider's tokens name it")
    oidc_jwks_url: str | None = Field(
        default=None, description="the provider's key set, if the issuer has no discovery document"
    )
    oidc_algorithms: tuple[Algorithm, ...] = Field(
        default=("RS256", "ES256"), min_length=1, description="signatures that are taken, as a JSON list"
    )
    oidc_clock_skew_seconds: float = Field(
        default=30, ge=0, le=300, description="how far the provider's clock may be off"
    )
    oidc_subject_claim: str = Field(
        default="sub", description="the claim that names people; it must be unique and never given to another"
    )
    oidc_roles_claim: str = Field(
        default="roles", description="the claim that lists roles; dots lead into nested claims"
    )

    @field_validator("oidc_issuer", "oidc_jwks_url")
    @classmethod
    def _encrypted(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://unset")
        if not parts.hostname or (parts.scheme != "https" and parts.hostname not in _LOOPBACK):
            raise ValueError("is no https URL")
        return url

    @model_validator(mode="after")
    def _whole(self) -> "OidcSettings":
        if self.oidc_issuer is not None and not self.oidc_audience:
            raise ValueError("DRAWBRIDGE_OIDC_ISSUER needs DRAWBRIDGE_OIDC_AUDIENCE beside it")
        return self


class ApiSettings(OidcSettings):
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
    requests_per_second: float = Field(
        default=100, gt=0, description="how often one caller may ask one process, ten seconds' worth at once"
    )
    streams_per_caller: int = Field(
        default=20, ge=1, description="event streams that one caller may hold open on one process"
    )
    cors_origins: tuple[str, ...] = Field(
        default=(), description='the front ends that browsers may call from, like ["https://ap.example.com"]'
    )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            if not parts.hostname or f"{parts.scheme}://{parts.netloc}" != origin:
                raise ValueError(f"names {origin!r}, which is no origin like https://ap.example.com")
        return origins

    @field_validator("bootstrap_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if len(key.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"is shorter than {_SHORTEST_KEY} characters")
        return key
