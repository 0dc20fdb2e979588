"""What the use cases need from outside; wiring plugs it in."""

from typing import Protocol

from drawbridge.ledgers import LedgerSource
from drawbridge.payment_backfiller.store.vaults import Vault
from drawbridge.procore import ContractPayment, ContractPaymentChange, ContractPaymentDraft, Outcome


class ContractPayments(Protocol):
    """The contract payments of one Procore company: `drawbridge.procore.ProcoreClient` is one."""

    async def contract_payments(self, project_id: int, commitment_id: int) -> list[ContractPayment]:
        """List all payments of a commitment, ours and others'."""
        ...

    async def create_contract_payment(
        self, project_id: int, commitment_id: int, draft: ContractPaymentDraft
    ) -> Outcome[ContractPayment]:
        """Create one."""
        ...

    async def update_contract_payment(
        self, project_id: int, commitment_id: int, payment_id: int, change: ContractPaymentChange
    ) -> Outcome[ContractPayment]:
        """Change one of ours."""
        ...

    async def delete_contract_payment(
        self, project_id: int, commitment_id: int, payment_id: int
    ) -> Outcome[None]:
        """Delete one of ours."""
        ...


class Procore(Protocol):
    """Procore, for any vault."""

    def of(self, vault: Vault) -> ContractPayments:
        """The vault's company, with the vault's credentials.

        Raises:
            Refused: ``secret_reference``, when the credentials cannot be found.
        """
        ...


class Ledgers(Protocol):
    """The ledgers of this deployment, by name."""

    def open(self, name: str) -> LedgerSource:
        """The ledger of that name.

        Raises:
            Refused: when there is none, or its entry is not right.
        """
        ...
