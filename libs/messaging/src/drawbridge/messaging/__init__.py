"""RabbitMQ for services: topology, the relay that empties the outbox, the intake that fills the inbox."""

from drawbridge.messaging.broker import Broker
from drawbridge.messaging.declare import declare
from drawbridge.messaging.inspecting import BrokerReport, QueueReport, inspect
from drawbridge.messaging.intake import Intake
from drawbridge.messaging.outside import OutsideMessage, consume, publish
from drawbridge.messaging.received import (
    Decode,
    IntakeHandler,
    Received,
    check_readable,
    decode_envelope,
    read_envelope,
)
from drawbridge.messaging.relay import Relay
from drawbridge.messaging.users import provision_users
from drawbridge.persistence.parking import PARKED_HEADERS, parked
from drawbridge.persistence.raw import Origin, Properties, RawMessage, RawOutgoing

__all__ = [
    "PARKED_HEADERS",
    "Broker",
    "BrokerReport",
    "Decode",
    "Intake",
    "IntakeHandler",
    "Origin",
    "OutsideMessage",
    "Properties",
    "QueueReport",
    "RawMessage",
    "RawOutgoing",
    "Received",
    "Relay",
    "check_readable",
    "consume",
    "declare",
    "decode_envelope",
    "inspect",
    "parked",
    "provision_users",
    "publish",
    "read_envelope",
]
