"""What only Tryton does, on a real one: the wizard, check runs, credit memos, its own failures."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import pytest_asyncio

from drawbridge.contracts.errors import Refused
from drawbridge.ledgers import LedgerSource, Unreadable, open_ledger
from tests.contract.ledgers.conftest import SECRET, TrytonOffice
from tests.contract.ledgers.reading import amounts, batches, read
from tests.factories.ledgers.clerk import Part
from tests.factories.ledgers.tryton.clerk import TrytonClerk

pytestmark = pytest.mark.tryton
ZERO = Decimal(0)
DAY = date(2026, 3, 1)
LATER = datetime(2026, 3, 9, 10)  # noqa: DTZ001  a ledger's local time


@pytest_asyncio.fixture
async def clerk(at_tryton: TrytonOffice, monkeypatch: pytest.MonkeyPatch) -> TrytonClerk:
    return await at_tryton.hire(monkeypatch)


async def states(ledger: LedgerSource) -> dict[str | None, str]:
    return {facts.payment.number: facts.payment.state for facts in await read(ledger)}


async def test_payment_by_the_wizard_has_no_payment_record_and_is_told_all_the_same(
    clerk: TrytonClerk,
) -> None:
    bill = await clerk.bill("A-1", "1000")
    move = await clerk.pay_by_wizard(bill, "400", "2040")
    (facts,) = await read(clerk.ledger)
    assert (facts.payment.id, facts.payment.number) == (f"move-{move}", "2040")
    assert (facts.payment.method, facts.payment.state, facts.payment.date) == (
        "check",
        "posted",
        date(2026, 3, 2),
    )
    assert amounts(facts) == {bill: (Decimal(400), ZERO, ZERO)}
    assert [each.payment.id for each in await clerk.ledger.allocations_for([bill])] == [facts.payment.id]

    await clerk.cancel_move(move)
    (taken_back,) = await clerk.ledger.allocations_for([bill])
    assert (taken_back.payment.id, taken_back.payment.state) == (facts.payment.id, "voided")
    assert await states(clerk.ledger) == {"2040": "voided"}


async def test_check_of_which_one_part_fails_gives_that_bill_nothing(clerk: TrytonClerk) -> None:
    first, second = await clerk.bill("A-1", "1000"), await clerk.bill("A-2", "500")
    payments = [await clerk.request(bill, "90", "77", DAY) for bill in (first, second)]
    assert await read(clerk.ledger) == [], "before it is processed it is no payment"
    await clerk.process(payments)
    assert await states(clerk.ledger) == {"77": "unposted"}
    await clerk.desk.call("account.payment.succeed", payments)
    await clerk.desk.call("account.payment.fail", payments[1:])
    (facts,) = await clerk.ledger.allocations_for([first])
    assert (facts.payment.state, facts.payment.bank_account) == ("posted", "OPER")
    assert amounts(facts) == {first: (Decimal(90), ZERO, ZERO), second: (ZERO, ZERO, ZERO)}


async def test_credit_memo_closes_the_bill_and_itself(clerk: TrytonClerk) -> None:
    bill = await clerk.bill("A-1", "100")
    await clerk.pay(1, [Part(bill, "70", credit="30")])
    cash, credit = sorted(await read(clerk.ledger), key=lambda facts: facts.payment.id)
    (memo,) = amounts(credit).keys() - {bill}
    assert amounts(cash) == {bill: (Decimal(70), ZERO, ZERO)}
    assert amounts(credit) == {
        bill: (ZERO, ZERO, Decimal(30)),
        memo: (ZERO, ZERO, Decimal(-30)),
    }
    assert credit.payment.number == f"CM-{bill}"


async def test_record_that_tryton_itself_cannot_read_is_named_and_never_skipped(clerk: TrytonClerk) -> None:
    good, bad = await clerk.bill("A-1", "1000"), await clerk.bill("A-2", "500")
    await clerk.pay(3, [Part(good, "10")])
    await clerk.pay(5, [Part(bad, "10")], stamp=LATER)
    clerk.damage(5, "a lot")
    told = await batches(clerk.ledger)
    assert [facts.payment.number for batch in told for facts in batch.facts] == ["3"]
    (complaint,) = [each for batch in told for each in batch.unreadable]
    assert complaint.bill_ids == (bad,)
    assert complaint.reason.startswith("Tryton cannot give account.invoice")  # what is open on it is computed
    unreadable: list[Unreadable] = []
    assert await clerk.ledger.allocations_for([bad], unreadable) == []
    assert [each.bill_ids for each in unreadable] == [(bad,)]
    clerk.damage(5, "10")
    (mended,) = await batches(clerk.ledger, told[-1].cursor)
    assert "5" in {facts.payment.number for facts in mended.facts}


async def test_session_that_ended_is_opened_again(clerk: TrytonClerk) -> None:
    bill = await clerk.bill("A-1", "100")
    assert len(await clerk.ledger.bills_of_vendors(["V-1007"])) == 1
    clerk.end_sessions()
    assert [each.id for each in await clerk.ledger.bills_of_vendors(["V-1007"])] == [bill]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(("/books", "/other"), "ledger_login"), (("admin:made-up", "admin:wrong"), "ledger_login")],
)
async def test_wrong_database_or_password_is_a_wrong_login(
    clerk: TrytonClerk, monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, str], code: str
) -> None:
    monkeypatch.setenv(SECRET, clerk.url.replace(*wrong))
    ledger = open_ledger({"tryton": f"env:{SECRET}"})
    with pytest.raises(Refused) as caught:
        await ledger.check()
    await ledger.close()
    assert caught.value.problem.code == code
    assert "made-up" not in repr(caught.value.problem)
