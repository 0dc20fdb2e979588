"""The whole document."""

from typing import Any

from drawbridge.contracts.asyncapi.channels import channels
from drawbridge.contracts.asyncapi.envelope import ENVELOPE
from drawbridge.contracts.asyncapi.messages import messages, structured_schema
from drawbridge.contracts.asyncapi.operations import operations
from drawbridge.contracts.asyncapi.schemas import payload_schemas
from drawbridge.contracts.parties import SENDERS
from drawbridge.contracts.topology import TOPOLOGY, Topology

type Json = dict[str, Any]

_DESCRIPTION = """\
All messages between Drawbridge's services, and those that others may send and read (tagged `public`).

* Anybody may ask for a reprocess: send `reprocess` to the exchange `drawbridge.public`, as bare JSON or as a
  CloudEvent. What cannot be read is parked with a reason. Ask for publisher confirms: RabbitMQ may lose
  what it has not confirmed.
* A type carries its version. Readers ignore members that they do not know; a member that goes, or means
  something else, makes a new version of the type.
* Delivery is at least once, in any order: know a message by its `message_id`, and keep of a subject's
  states the one with the highest `version`.
* Money and quantities are decimal numbers in strings, instants are UTC, Procore's ids need 64 bits.
"""


def make_document(topology: Topology = TOPOLOGY) -> Json:
    """The AsyncAPI 3 document of all messages that our services send."""
    models = sorted(SENDERS, key=lambda model: model.TYPE)
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Drawbridge",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _server()},
        "channels": channels(topology, models),
        "operations": operations(topology, models),
        "components": {
            "schemas": payload_schemas(models) | {"ReprocessCloudEvent": structured_schema()},
            "messages": messages(models),
            "messageTraits": {"envelope": ENVELOPE},
            "securitySchemes": {"password": {"type": "userPassword"}},
        },
    }


def _server() -> Json:
    return {
        "host": "{broker}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ; each service and each outside party has a user of its own.",
        "variables": {"broker": {"default": "localhost:5672"}},
        "security": [{"$ref": "#/components/securitySchemes/password"}],
    }
