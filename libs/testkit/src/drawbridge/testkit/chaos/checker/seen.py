"""What an outsider sees at one moment, read once for all promises."""

from dataclasses import dataclass
from typing import Self

from drawbridge.testkit.chaos.scene import BEHAVIORS, Scene
from drawbridge.testkit.stack.doors import FINAL, Json


@dataclass(frozen=True)
class Seen:
    """Lists by vault, but for what has no vault."""

    rows: dict[str, list[Json]]
    invoices: dict[str, list[Json]]
    requests: dict[str, list[Json]]
    allocations: dict[str, list[Json]]
    requisitions: dict[str, list[Json]]
    operations: dict[str, Json]
    parked: list[Json]
    bills: list[Json]
    ledger_payments: list[Json]
    contract_payments: list[Json]

    @classmethod
    async def read(cls, scene: Scene, ended: dict[str, Json]) -> Self:
        """Read everything. ``ended`` keeps operations that are final, so that they are read only once."""
        pages = scene.gateway.pages
        for identity in scene.asked.operations:
            if identity not in ended:
                operation = await scene.gateway.get(f"/v1/operations/{identity}")
                if operation["status"] in FINAL:
                    ended[identity] = operation
        return cls(
            rows={vault: await scene.gateway.rows(vault) for vault in BEHAVIORS},
            invoices={vault: await pages(f"/v1/vaults/{vault}/invoices") for vault in BEHAVIORS},
            requests={vault: await pages(f"/v1/vaults/{vault}/requests") for vault in BEHAVIORS},
            allocations={vault: await pages(f"/v1/vaults/{vault}/payments") for vault in BEHAVIORS},
            requisitions={
                vault: await scene.procore.requisitions(project) for vault, project in scene.projects.items()
            },
            operations=dict(ended),
            parked=await pages("/v1/parked"),
            bills=await scene.clerk.get("/bills"),
            ledger_payments=await scene.clerk.get("/payments"),
            contract_payments=await scene.procore.contract_payments(),
        )
