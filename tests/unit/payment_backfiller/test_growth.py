"""PostgreSQL is asked to look at a table each time that it holds four times as much."""

from drawbridge.payment_backfiller.usecases.growth import Growth


def test_a_table_is_looked_at_when_it_is_no_longer_empty_and_when_it_has_grown() -> None:
    growth = Growth()
    looked = [growth.grown(bills=10, allocations=0) for _ in range(9)]
    assert looked == [["bills"], [], [], ["bills"], [], [], [], [], []]


def test_each_table_grows_by_itself() -> None:
    growth = Growth()
    growth.grown(bills=100)
    assert growth.grown(bills=0, allocations=5) == ["allocations"]
    assert growth.grown(bills=299, allocations=15) == ["allocations"]
    assert growth.grown(bills=1) == ["bills"]
