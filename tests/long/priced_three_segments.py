"""Minutes of tests, run by `nox -s pricing` alone: the file's name keeps it out of the suite."""

from priced import assert_pricing_agrees


def test_three_segments_by_pricing() -> None:
    """The largest reference instance by pricing: within 0.3 % of the search with every column written out."""
    assert_pricing_agrees("three_segments", 3e-3)
