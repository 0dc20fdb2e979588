"""Settings of payment-backfiller, from the environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from drawbridge.runtime import ServiceSettings


class Settings(ServiceSettings):
    """What payment-backfiller needs to know beyond what every service does. Durations are seconds."""

    http_port: int = Field(default=8083, ge=1, le=65535, description="the port of the probes")
    lease_seconds: int = Field(
        default=60, ge=20, le=3600, description="how long one worker owns a commitment or a run"
    )
    procore_api_url: str = Field(
        default="https://api.procore.com",
        pattern=r"^https?://",
        description="the address of Procore's API, such as https://api.procore.com",
    )
    procore_login_url: str = Field(
        default="https://login.procore.com",
        pattern=r"^https?://",
        description="the address of Procore's login host, such as https://login.procore.com",
    )
    procore_share: float = Field(
        default=0.2, gt=0, le=1, description="the part of Procore's limit that this service may use"
    )
    procore_budget: Literal["company", "app"] = Field(
        default="company",
        description="whether Procore counts the calls of an app by company or altogether",
    )
    ledgers_file: Path | None = Field(
        default=None, description="the path of the YAML file that describes the ledgers"
    )
    doubt_seconds: int = Field(
        default=60, ge=1, description="how long to wait after an unclear answer before the list is believed"
    )
    recheck_seconds: int = Field(
        default=600, ge=1, description="when to list a commitment once more after an unclear answer"
    )
    overlap_days: int = Field(
        default=2, ge=0, le=30, description="how many days of the ledger are read again by every retrieval"
    )
    schedule_seconds: float = Field(default=5, gt=0, description="how often to look for jobs that are due")
