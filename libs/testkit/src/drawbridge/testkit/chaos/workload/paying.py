"""The clerk at the ledger: writes checks over bills, in full or in part, and voids some of them."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from drawbridge.testkit.chaos.scene import Scene
from drawbridge.testkit.stack.doors import Json

_SMALL = Decimal(2_000)


async def write_check(scene: Scene, chance: Random) -> None:
    """One check over one to three open bills of a vendor."""
    bills: dict[str, list[Json]] = defaultdict(list)
    for bill in await scene.clerk.get("/bills"):
        if Decimal(bill["balance"]) > 0:
            bills[bill["vendor_code"]].append(bill)
    if not bills:
        return
    theirs = bills[chance.choice(sorted(bills))]
    chosen = chance.sample(theirs, min(len(theirs), chance.randint(1, 3)))
    pays = [{"bill_id": bill["bill_id"]} | _part(bill, chance) for bill in chosen]
    body = {
        "check_number": f"{chance.randint(100_000, 999_999_999)}",
        "date": datetime.now(UTC).date().isoformat(),
        "pays": pays,
    }
    await scene.clerk.ask("POST", "/checks", body)


async def void_check(scene: Scene, chance: Random) -> None:
    """Void a live check, so that nothing is left to see or with negative rows."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in await scene.clerk.get("/payments"):
        totals[row["check_number"]] += Decimal(row["amount"])
    live = sorted(number for number, total in totals.items() if total)
    if live:
        body = {"shape": chance.choice(("delete", "reversal"))}
        await scene.clerk.ask("POST", f"/checks/{chance.choice(live)}/void", body)


def _part(bill: Json, chance: Random) -> Json:
    if Decimal(bill["balance"]) < _SMALL or chance.random() < 0.5:  # noqa: PLR2004  # half of them in full
        return {}
    return {"amount": f"{chance.randint(100, 1_500)}.00"}
