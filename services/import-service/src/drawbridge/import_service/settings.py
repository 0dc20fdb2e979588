"""Settings of import-service, from the environment."""

from typing import Literal, Self

from pydantic import AnyHttpUrl, Field, model_validator

from drawbridge.runtime import ServiceSettings


class Settings(ServiceSettings):
    """What import-service needs to know. Hosts of Procore are the deployment's, never a vault's."""

    http_port: int = Field(default=8081, ge=1, le=65535, description="the port of the probes")
    procore_api_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.procore.com"), description="Procore's API host"
    )
    procore_login_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://login.procore.com"), description="Procore's login host"
    )
    procore_share: float = Field(
        default=0.8, gt=0, le=1, description="the part of the app's rate limit that imports may use"
    )
    procore_budget: Literal["company", "app"] = Field(
        default="company",
        description="whether Procore counts the calls of an app by company or altogether",
    )
    procore_calls_per_hour: int = Field(
        default=600,
        ge=1,
        description="the hourly limit that Procore gave the app; scheduled polls keep to 35 % of it",
    )
    project_refresh_seconds: int = Field(
        default=900, ge=1, description="how often the projects of each vault are listed"
    )
    new_invoice_patience_seconds: float = Field(
        default=5, gt=0, le=30, description="how long New Invoice waits for Procore's re-check"
    )
    webhook_url: AnyHttpUrl | None = Field(
        default=None,
        description="the gateway's https address as Procore reaches it; without it there are no webhooks",
    )
    work_concurrency: int = Field(default=8, ge=2, le=64, description="work items that run at once")
    work_for_clicks: int = Field(
        default=2, ge=0, le=32, description="how many of them only run what a person waits for"
    )

    @model_validator(mode="after")
    def _some_for_all(self) -> Self:
        if self.work_for_clicks >= self.work_concurrency:
            raise ValueError("work_for_clicks must be less than work_concurrency")
        return self
