"""The vendor map: codes entered by hand go before Procore's, and reach the AP invoices."""

from uuid import UUID

from drawbridge.contracts.import_commands import ChangeVendorMap
from drawbridge.contracts.invoices import InvoiceState
from drawbridge.contracts.outcomes import CommandRefused
from drawbridge.contracts.vendor_map import VendorCode, VendorCodeState, VendorMapChanged
from tests.factories.imports import BY, VAULT, Heard, ImportWorld
from tests.factories.waiting import eventually


def _map(*codes: VendorCode, seen: int | None = None) -> ChangeVendorMap:
    return ChangeVendorMap(vault_id=VAULT, requested_by=BY, codes=codes, expected_version=seen)


async def _answer(world: ImportWorld, command: ChangeVendorMap) -> VendorMapChanged | CommandRefused:
    sent = await world.command(command)

    def answers() -> list[Heard]:
        kinds = (VendorMapChanged, CommandRefused)
        return [each for each in world.heard if each.cause == sent and isinstance(each.message, kinds)]

    await eventually(answers)
    answer = answers()[0].message
    assert isinstance(answer, VendorMapChanged | CommandRefused)
    return answer


def _codes_of(world: ImportWorld, invoice_id: UUID) -> str | None:
    states = [each for each in world.of(InvoiceState) if each.invoice.id == invoice_id]
    content = max(states, key=lambda each: each.version).invoice.content
    return content.header.vendor.ledger_code if content else None


def _vendor(world: ImportWorld, vendor_id: int) -> VendorCodeState:
    states = [each for each in world.of(VendorCodeState) if each.vendor_id == vendor_id]
    return max(states, key=lambda each: each.version)


async def test_a_code_by_hand_is_in_force_until_it_is_taken_back(world: ImportWorld) -> None:
    await world.settle_vault()
    answer = await world.do(world.importing(world.approved()[0]))
    assert isinstance(answer, InvoiceState)
    assert answer.invoice.content is not None
    vendor = answer.invoice.content.header.vendor
    assert vendor.id is not None
    by_hand = VendorCode(vendor_id=vendor.id, code="HAND-1")

    changed = await _answer(world, _map(by_hand))
    assert isinstance(changed, VendorMapChanged)
    assert changed.changed == 1
    told = _vendor(world, vendor.id)
    assert (told.code, told.source, told.procore_code) == ("HAND-1", "hand", vendor.ledger_code)
    assert told.name
    assert told.version == changed.map_version
    await eventually(lambda: _codes_of(world, answer.invoice.id) == "HAND-1")

    stale = await _answer(world, _map(by_hand, seen=changed.map_version - 1))
    assert isinstance(stale, CommandRefused)
    assert stale.problem.code == "version_conflict"
    back = await _answer(world, _map(seen=changed.map_version))
    assert isinstance(back, VendorMapChanged)
    assert (_vendor(world, vendor.id).code or None) == vendor.ledger_code
    await eventually(lambda: _codes_of(world, answer.invoice.id) == vendor.ledger_code)
    twice = await _answer(world, _map(by_hand, by_hand))
    assert isinstance(twice, CommandRefused)
    assert twice.problem.code == "vendor_twice"
