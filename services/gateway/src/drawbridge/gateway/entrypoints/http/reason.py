"""The body of what a person decides: a reason, always."""

from pydantic import Field

from drawbridge.gateway.entrypoints.http.bodies import Body


class ReasonBody(Body):
    """Why a person decides so; it is kept in the history."""

    reason: str = Field(min_length=1, max_length=2000, examples=["Agreed with the vendor by phone."])
