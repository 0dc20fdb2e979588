"""Outside publishers at the public door: good messages, duplicates, repeats, bursts out of order, poison."""

import json
from dataclasses import replace
from random import Random
from uuid import UUID

from drawbridge.messaging.outside import OutsideMessage
from drawbridge.testkit.chaos.asked import Subject, request_for
from drawbridge.testkit.chaos.scene import BEHAVIORS, Scene

AUTOMATED = tuple(vault for vault, behavior in BEHAVIORS.items() if behavior != "none")
_BURST = 12
_NOBODYS = 7
"""A requisition id that the double never gives."""


async def publish_one(scene: Scene, chance: Random) -> None:
    """One request for any Procore invoice of a vault that imports by itself."""
    subject = await any_subject(scene, chance)
    await send_good(scene, request_for(subject, new_id(chance)), subject)


async def publish_repeat(scene: Scene, chance: Random) -> None:
    """Several requests for one Procore invoice under different ids, as impatient people make them."""
    subject = await any_subject(scene, chance)
    for _ in range(chance.randint(2, 4)):
        await send_good(scene, request_for(subject, new_id(chance)), subject)


async def publish_again(scene: Scene, chance: Random) -> None:
    """A message once more, under its id."""
    if scene.asked.published:
        known = chance.choice(list(scene.asked.published.values()))
        if await scene.publisher.send(known.message):
            scene.asked.duplicates += 1


async def publish_burst(scene: Scene, chance: Random) -> None:
    """Many requests and their duplicates in a random order."""
    subjects = [await any_subject(scene, chance) for _ in range(_BURST)]
    letters = [(request_for(subject, new_id(chance)), subject) for subject in subjects]
    shuffled = letters + chance.sample(letters, _BURST // 2)
    chance.shuffle(shuffled)
    for message, subject in shuffled:
        if message.id in scene.asked.published:
            scene.asked.duplicates += 1
        await send_good(scene, message, subject)


async def publish_poison(scene: Scene, chance: Random) -> None:
    """A message that nobody can handle."""
    message, code = _poison(scene, chance)
    if not await scene.publisher.send(message):
        scene.asked.unconfirmed += 1
    elif message.id is not None:
        scene.asked.poison[message.id, code] += 1


async def send_good(scene: Scene, message: OutsideMessage, subject: Subject) -> None:
    """Publish a good message and remember it once it is confirmed."""
    if await scene.publisher.send(message):
        scene.asked.publish(message, subject)
    else:
        scene.asked.unconfirmed += 1


async def any_subject(scene: Scene, chance: Random) -> Subject:
    """Any Procore invoice of a vault that imports by itself."""
    vault = chance.choice(AUTOMATED)
    project_id = scene.projects[vault]
    rows = await scene.procore.requisitions(project_id)
    return Subject(vault, project_id, chance.choice(rows)["id"])


def new_id(chance: Random) -> UUID:
    """An id that the seed repeats."""
    return UUID(int=chance.getrandbits(128), version=4)


def _poison(scene: Scene, chance: Random) -> tuple[OutsideMessage, str]:
    identity = str(new_id(chance))
    subject = scene.probe_subject or Subject("by-itself", 1, 1)
    good = request_for(subject, UUID(identity))
    kinds = {
        "not_json": replace(good, body=b'{"vault_id": '),
        "not_an_object": replace(good, body=b"[1, 2, 3]"),
        "wrong_members": replace(good, body=json.dumps({"vault_id": subject.vault}).encode()),
        "unknown_type": replace(good, type="drawbridge.invoice.state.v1"),
        "spec_version": replace(good, headers={"ce-specversion": "0.3", "ce-id": identity}),
    }
    known = list(scene.asked.published.values())
    if known:
        kinds["id_reused"] = _reused(chance.choice(known).message)
    code = chance.choice(list(kinds))
    return kinds[code], code


def _reused(first: OutsideMessage) -> OutsideMessage:
    """Another request of the same vault under an id that was used before."""
    members = json.loads(first.body)
    return replace(first, body=json.dumps(members | {"requisition_id": _NOBODYS}).encode())
