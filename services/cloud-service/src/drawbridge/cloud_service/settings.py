"""Settings of cloud-service, from the environment."""

from pydantic import Field

from drawbridge.runtime import ServiceSettings


class Settings(ServiceSettings):
    """What cloud-service needs to know: nothing beyond what every service does."""

    http_port: int = Field(default=8082, ge=1, le=65535, description="the port of the probes")
