"""The operations of the document: which service sends what to where, and reads what from where."""

from typing import Any

from drawbridge.contracts.asyncapi.channels import (
    DEAD_CHANNEL,
    OUTSIDE_CHANNEL,
    channel_of,
    forms_of,
    names_in,
)
from drawbridge.contracts.asyncapi.envelope import AMQP_BINDING
from drawbridge.contracts.asyncapi.messages import PARKED, PUBLIC_TAG
from drawbridge.contracts.asyncapi.routing import Model
from drawbridge.contracts.parties import (
    OUTSIDE,
    PUBLIC_MESSAGES,
    SENDERS,
    SERVICES,
    reader_of,
)
from drawbridge.contracts.requests import ReprocessRequested
from drawbridge.contracts.topology import Topology

type Json = dict[str, Any]


def operations(topology: Topology, models: list[Model]) -> Json:
    """All operations by id: ``<service>.sends.<channel>`` and ``<service>.reads.<queue>``."""
    found: Json = {}
    for party in (*SERVICES, OUTSIDE):
        found |= _sends(party, [model for model in models if party in SENDERS[model]])
        found |= _reads(party, topology, models)
    return found | _outside_reads()


def _sends(party: str, models: list[Model]) -> Json:
    by_channel: dict[str, list[str]] = {}
    for model in models:
        names = forms_of(model) if party == OUTSIDE else (model.TYPE,)
        by_channel.setdefault(channel_of(model), []).extend(names)
    if party != OUTSIDE:
        by_channel[DEAD_CHANNEL] = [PARKED]
    return {
        f"{party}.sends.{channel}": _operation("send", party, channel, names)
        for channel, names in sorted(by_channel.items())
    }


def _reads(party: str, topology: Topology, models: list[Model]) -> Json:
    return {
        f"{party}.reads.{queue.name}": _operation(
            "receive", party, queue.name, list(names_in(queue, topology, models))
        )
        for queue in topology.queues
        if reader_of(queue) == party
    }


def _outside_reads() -> Json:
    names = [model.TYPE for model in PUBLIC_MESSAGES if model is not ReprocessRequested]
    return {f"{OUTSIDE}.reads.its-own-queue": _operation("receive", OUTSIDE, OUTSIDE_CHANNEL, names)}


def _operation(action: str, party: str, channel: str, names: list[str]) -> Json:
    settling: Json = {"deliveryMode": 2, "mandatory": True} if action == "send" else {"ack": True}
    return {
        "action": action,
        "title": f"{party} {'sends' if action == 'send' else 'reads'}: {_count(names)}",
        "channel": {"$ref": f"#/channels/{channel}"},
        "tags": [{"name": party}, *([PUBLIC_TAG] if party == OUTSIDE else [])],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
        "bindings": {"amqp": settling | {"bindingVersion": AMQP_BINDING}},
    }


def _count(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} messages"
