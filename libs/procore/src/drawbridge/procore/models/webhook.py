"""Webhooks of the API's version 2.0: hooks, their triggers, and what can be told of. Ids are strings here."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from drawbridge.procore.models.record import Part
from drawbridge.procore.values import Text


class Hook(Part):
    """Where Procore posts to. Its ``Authorization`` comes back masked, so it cannot be compared."""

    id: Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)]
    status: Text = None
    payload_version: Text = None
    namespace: Text = None
    destination_url: Text = None

    @classmethod
    def read(cls, answer: Any) -> Self:  # noqa: ANN401  # decoded JSON
        """Build it from ``{"data": {…}}``; raises ``ValidationError`` without an id."""
        return cls.model_validate(answer.get("data") if isinstance(answer, dict) else answer)


class Trigger(Part):
    """One thing that a hook is told of."""

    resource_name: Text = None
    event_type: Text = None


class WebhookResource(Part):
    """A kind of record that Procore can tell of, and what of it: create, update, delete."""

    name: Text = None
    payload_version: Text = None
    actions: tuple[str, ...] = ()


class HookDraft(BaseModel):
    """A hook to create. ``namespace`` ([a-z0-9-]) tells one integration's hooks from the others'."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    namespace: str
    payload_version: str
    destination_url: str
    authorization: str = Field(repr=False)

    def body(self) -> dict[str, object]:
        """Return the object to send."""
        return {
            "namespace": self.namespace,
            "payload_version": self.payload_version,
            "destination_url": self.destination_url,
            "destination_headers": {"Authorization": self.authorization},
        }
