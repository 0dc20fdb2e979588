"""Tell the hooks of a project that a record changed: a pointer to it, in the hook's payload version.

A delivery is posted once, twice on a doubled road, never on a lost one. The real Procore repeats failures
for twelve hours; a double that does so would keep tests waiting for what the poll finds anyway.
"""

from drawbridge.sandbox.procore.state import Procore
from drawbridge.sandbox.procore.values import FIRST_ID, Record, stamp
from drawbridge.sandbox.procore.webhooks import Delivery, HookRow

RESOURCE = "Draw Requests"
USER = FIRST_ID + 77
"""The person who does what the control API orders."""
TIMES = {"clear": 1, "lost": 0, "doubled": 2}


async def tell(procore: Procore, record: Record, event: str, user_id: int = USER) -> None:
    """Deliver an event about a requisition to all hooks that want it."""
    for hook in procore.webhooks.of_project(record["project_id"]):
        wanted = any(
            (each["resource_name"], each["event_type"]) == (RESOURCE, event)
            for each in hook.triggers.values()
        )
        if wanted and hook.public["status"] == "active":
            payload = _payload(procore, hook, record, event, user_id)
            await _deliver(procore, hook, payload)


async def _deliver(procore: Procore, hook: HookRow, payload: Record) -> None:
    delivery = Delivery(hook.public["id"], payload)
    procore.webhooks.deliveries.append(delivery)
    headers = {"Authorization": hook.authorization}
    for _ in range(TIMES[procore.webhooks.road]):
        answer = await procore.webhooks.post(hook.public["destination_url"], headers, payload)
        delivery.answers.append(answer)


def _payload(procore: Procore, hook: HookRow, record: Record, event: str, user_id: int) -> Record:
    number = procore.ids.next("webhook_event")
    ulid, at = f"01JN{number:022d}", stamp(procore.now())
    if hook.public["payload_version"] == "v4.0":
        return {
            "id": ulid,
            "timestamp": at,
            "reason": event,
            "company_id": str(procore.company_id),
            "project_id": str(record["project_id"]),
            "user_id": str(user_id),
            "resource_type": RESOURCE,
            "resource_id": str(record["id"]),
        }
    payload = {
        "id": number,
        "ulid": ulid,
        "timestamp": at,
        "metadata": {
            "source_user_id": user_id,
            "source_project_id": record["project_id"],
            "source_operation_id": None,
            "source_company_id": procore.company_id,
            "source_application_id": None,
        },
        "user_id": user_id,
        "company_id": procore.company_id,
        "project_id": record["project_id"],
        "api_version": hook.public["payload_version"],
        "event_type": event,
        "resource_name": RESOURCE,
        "resource_id": record["id"],
    }
    return payload | ({"related_resources": []} if hook.public["payload_version"] == "v3.0" else {})
