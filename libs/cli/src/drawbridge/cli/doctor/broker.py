"""RabbitMQ: does it answer, are all queues there and as they must be, does somebody read each?"""

from collections.abc import Iterator

from pydantic import SecretStr

from drawbridge.cli.doctor.finding import Finding, well
from drawbridge.contracts.topology import TOPOLOGY
from drawbridge.messaging import BrokerReport, QueueReport, inspect
from drawbridge.runtime.logs import mask_text

_FULL = 10_000
_OLDEST = (3, 10)


async def look_at_broker(url: SecretStr) -> list[Finding]:
    """All findings; one when it does not answer."""
    try:
        report = await inspect(url, TOPOLOGY)
    except Exception as error:  # noqa: BLE001  # the broker library's errors stay inside messaging
        reason = f"{type(error).__name__}: {mask_text(str(error))}".rstrip(": ")
        return [Finding("RabbitMQ", "red", f"does not take us ({reason})", "Start it, or correct the URL.")]
    return [_version(report), *_queues(report)]


def _version(report: BrokerReport) -> Finding:
    parts = tuple(int(part) for part in report.version.split(".")[:2] if part.isdigit())
    if parts and parts < _OLDEST:
        return Finding(
            "RabbitMQ", "red", f"answers, version {report.version}", "Upgrade it to 3.10 or newer."
        )
    return well("RabbitMQ", f"answers, version {report.version}")


def _queues(report: BrokerReport) -> Iterator[Finding]:
    found = [finding for queue in report.queues if (finding := _queue(queue)) is not None]
    yield from found
    if not found:
        yield well("Queues", f"all {len(report.queues)} are there, as described, and read")


def _queue(queue: QueueReport) -> Finding | None:
    what = f"Queue {queue.name}"
    if queue.problem == "it does not exist":
        return Finding(what, "red", queue.problem, "Run drawbridge topology declare.")
    if queue.problem:
        return Finding(what, "red", queue.problem, "See docs/upgrading.md, Changing a queue's argument.")
    if queue.consumers == 0:
        advice = f"Start the worker of {_reader(queue.name)}."
        return Finding(what, "red", f"nobody reads it; {queue.messages} messages wait", advice)
    if queue.messages > _FULL:
        return Finding(
            what, "look", f"{queue.messages} messages wait", "See docs/runbooks.md, Work is behind."
        )
    return None


def _reader(queue: str) -> str:
    shared = {"drawbridge.parked": "the gateway", "drawbridge.reprocess": "cloud-service"}
    return shared.get(queue, queue.partition(".")[0])
