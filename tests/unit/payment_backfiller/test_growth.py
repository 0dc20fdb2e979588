"""PostgreSQL is asked to look at a table each time that it has doubled."""

from drawbridge.payment_backfiller.usecases.growth import Growth


def test_a_table_is_looked_at_when_it_is_no_longer_empty_and_when_it_has_doubled() -> None:
    growth = Growth()
    looked = [growth.doubled(bills=10, allocations=0) for _ in range(9)]
    assert looked == [["bills"], ["bills"], [], ["bills"], [], [], [], ["bills"], []]


def test_each_table_grows_by_itself() -> None:
    growth = Growth()
    growth.doubled(bills=100)
    assert growth.doubled(bills=0, allocations=5) == ["allocations"]
    assert growth.doubled(bills=99, allocations=5) == ["allocations"]
    assert growth.doubled(bills=1) == ["bills"]
