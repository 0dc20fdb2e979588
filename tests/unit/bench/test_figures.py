"""What a benchmark prints has one form, and says when the machine was slower than the goals suit."""

from tests.bench.figures import AtMost, Figures


def test_medians_of_both_sides_and_their_ratio_are_one_line() -> None:
    [line, rounds] = Figures("intake", [600, 650, 9], [1000, 1000, 1], 0.6).lines()
    assert line == "bench intake ours=600 bound=1000 ratio=0.60 unit=messages/s goal=0.6"
    assert "600 650 9" in rounds


def test_a_bound_below_four_fifths_of_the_known_figure_is_told() -> None:
    lines = Figures("relay", [5_000], [6_000], 0.7, reference="relay").lines()
    assert lines[-1].startswith("note  relay the bound is 0.74 of the reference 8057/s")
    assert len(Figures("relay", [5_000], [7_000], 0.7, reference="relay").lines()) == 2


def test_a_figure_with_a_goal_alone_has_the_goal_as_its_bound() -> None:
    [line] = AtMost("light_grid", 150.0, 300, "ms", "p99 of 100").lines()
    assert line == "bench light_grid ours=150.0 bound=300 ratio=0.50 unit=ms (at most the bound; p99 of 100)"
