"""What was once sent must parse for ever: every message has golden samples, and they are read as they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from drawbridge.contracts import message_class
from tests.contract.messages.sampling import SAMPLES, contract_messages, samples_of

ALL = sorted(SAMPLES.glob("*.json"))
_FREE_KEYS = {"counts"}
"""Members whose keys are data, not names."""


def _type_of(sample: Path) -> str:
    return sample.stem.partition("+")[0]


def _with_additions(value: Any) -> Any:  # noqa: ANN401  # JSON
    """The same document as a later sender might write it: one more member in every object."""
    if isinstance(value, list):
        return [_with_additions(each) for each in value]
    if isinstance(value, dict):
        old = {name: each if name in _FREE_KEYS else _with_additions(each) for name, each in value.items()}
        return old | {"added_later": {"by": "somebody"}}
    return value


@pytest.mark.parametrize("message_type", contract_messages())
def test_every_type_has_a_sample_and_all_its_members_occur_in_one(message_type: str) -> None:
    samples = samples_of(message_type)
    assert samples, "Run: python -m tests.contract.messages.sampling"
    shown = {name for sample in samples for name in json.loads(sample.read_bytes())}
    assert set(contract_messages()[message_type].model_fields) == shown


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.stem)
def test_a_sample_is_read_and_written_again_unchanged(sample: Path) -> None:
    message = message_class(_type_of(sample)).decode(sample.read_bytes())
    assert json.loads(message.model_dump_json(exclude_unset=True)) == json.loads(sample.read_bytes())


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.stem)
def test_members_that_a_later_sender_adds_are_ignored(sample: Path) -> None:
    model = message_class(_type_of(sample))
    later = json.dumps(_with_additions(json.loads(sample.read_bytes()))).encode()
    assert model.decode(later) == model.decode(sample.read_bytes())


@pytest.mark.parametrize("message_type", contract_messages())
def test_a_sender_cannot_add_members_that_the_contract_does_not_know(message_type: str) -> None:
    document = json.loads(samples_of(message_type)[-1].read_bytes())
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        message_class(message_type).model_validate(document | {"added_later": 1})


@pytest.mark.parametrize("message_type", contract_messages())
def test_subject_and_routing_key_are_set(message_type: str) -> None:
    message = message_class(message_type).decode(samples_of(message_type)[-1].read_bytes())
    kind, vault, identity = (*message.subject().split("/", 2), "")[:3]
    assert kind
    assert vault == ("gateway" if kind == "snapshot" else "main")
    assert identity or kind == "vault"
    assert message.routing_key()
    assert message.EXCHANGE
