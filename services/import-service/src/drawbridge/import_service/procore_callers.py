"""Which vaults this worker calls Procore for: one worker at a time uses a budget of calls."""

from collections.abc import Collection

from drawbridge.contracts.errors import Refused
from drawbridge.import_service.procore_access import ProcoreCompanies
from drawbridge.import_service.store.vaults import all_vaults
from drawbridge.persistence import Database, KeyShares


class ProcoreCallers:
    """Shares the budgets out between the workers of this service; a vault goes where its budget is."""

    def __init__(self, database: Database, companies: ProcoreCompanies) -> None:
        self._database = database
        self._companies = companies
        self._budgets: dict[str, str] = {}
        self.shares = KeyShares(database, "procore", self._read)

    def left(self) -> Collection[str]:
        """Vaults that other workers see to."""
        return [vault_id for vault_id, key in self._budgets.items() if not self.shares.holds(key)]

    async def _read(self) -> Collection[str]:
        """All budgets; a vault whose credentials are not there has none, and any worker says so."""
        async with self._database.reading() as session:
            vaults = await all_vaults(session)
        budgets: dict[str, str] = {}
        for vault in vaults:
            try:
                budgets[vault.id] = self._companies.budget_of(vault.settings)
            except Refused:
                continue
        self._budgets = budgets
        return set(budgets.values())
