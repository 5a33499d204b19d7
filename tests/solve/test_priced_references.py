"""Pricing on the reference instances; the largest, which takes minutes, in `nox -s pricing`."""

import pytest
from priced import assert_pricing_agrees


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("name", ["orbit", "export_constrained_gulf", "export_constrained", "agentic_memory"])
def test_plans_by_pricing_are_within_the_gap(name: str) -> None:
    """The plan by pricing and that of the whole problem are within 0.3 % of each other's bounds."""
    assert_pricing_agrees(name, 3e-3)
