"""The doors that the story goes through, with what its people do there."""

from decimal import Decimal

from drawbridge.testkit.stack import StackInfo, doors
from drawbridge.testkit.stack.doors import FINAL, Json, until


class StoryError(RuntimeError):
    """The story did not go as it must; the message says what was expected and what was there."""


class Gateway(doors.Gateway):
    """Drawbridge's REST API as the operator of the demo."""

    def __init__(self, info: StackInfo) -> None:
        super().__init__(info)
        self.operations: list[str] = []

    async def act(self, path: str, body: Json | None = None) -> Json:
        """Ask for something and wait for what became of it; refusals are outcomes, too.

        The answer is the operation, whatever its HTTP status, or the problem of a request that was not
        even accepted (then without an ``id``). Asks again while nobody answers: an import that did go
        through is then refused as imported.
        """
        response = await until(f"no answer to POST {path}", lambda: self.ask("POST", path, body or {}))
        answer: Json = response.json()
        if "status" in answer and isinstance(answer.get("id"), str):
            self.operations.append(answer["id"])
            return await self.followed(answer["id"])
        return {"status": "refused", "problem": answer} | answer | {"status": "refused"}

    async def followed(self, operation_id: str) -> Json:
        """Wait until an operation is final."""

        async def look() -> Json | None:
            operation: Json = await self.get(f"/v1/operations/{operation_id}")
            return operation if operation["status"] in FINAL else None

        return await until(f"operation {operation_id} did not end", look)

    async def row(self, vault: str, requisition_id: int) -> Json:
        """One row of the grid."""
        row: Json = await self.get(f"/v1/vaults/{vault}/procore-invoices/{requisition_id}")
        return row


class ProcoreDesk(doors.ProcoreDesk):
    """The people who work in Procore, through the double's control API."""

    async def facts(self) -> Json:
        """Ids of what is special in the seed."""
        facts: Json = await self.get("/control/facts")
        return facts

    async def act(self, requisition_id: int, action: str) -> None:
        """Approve, un-approve, mend or delete an invoice."""
        await self.send("POST", f"/control/requisitions/{requisition_id}/{action}")

    async def correct(self, requisition_id: int, work: str) -> None:
        """Change the work billed this period; all figures of the invoice tie again."""
        await self.send("POST", f"/control/requisitions/{requisition_id}/correct", {"work": work})


class ClerkDesk(doors.ClerkDesk):
    """The clerk who keeps the sample ledger."""

    async def bills(self) -> list[Json]:
        """All bills."""
        bills: list[Json] = await self.get("/bills")
        return bills

    async def write_check(self, number: str, date: str, pays: dict[int, Decimal | None]) -> None:
        """Cut one check over bills of one vendor; no amount pays all that is open."""
        lines = [
            {"bill_id": bill} | ({} if amount is None else {"amount": str(amount)})
            for bill, amount in pays.items()
        ]
        await self.send("POST", "/checks", {"check_number": number, "date": date, "pays": lines})

    async def void(self, number: str, shape: str) -> None:
        """Void a check: ``delete`` leaves nothing to see, ``reversal`` adds negative rows."""
        await self.send("POST", f"/checks/{number}/void", {"shape": shape})
