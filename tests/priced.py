"""Pricing against the search with every column written out."""

from pathlib import Path

from fleetopt.instance.load import load
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve

REFERENCES = Path(__file__).parents[1] / "instances" / "reference"


def assert_pricing_agrees(name: str, gap: float) -> None:
    """Both ways prove a plan within the gap, neither bound is above the other's plan, and both plans are verified."""
    instance = load(REFERENCES / f"{name}.yaml").instance
    priced = solve(instance, SolveOptions(method="pricing", gap=gap))
    whole = solve(instance, SolveOptions(gap=gap))
    assert (priced.exit_code, whole.exit_code) == (0, 0), (priced.stop_reason, whole.stop_reason)
    for one, other in ((priced, whole), (whole, priced)):
        assert one.plan.verification is not None and one.plan.verification.passed
        assert one.plan.bound_usd <= other.plan.objective_usd * (1 + 1e-9)
        assert one.plan.objective_usd <= other.plan.objective_usd / (1 - gap) * (1 + 1e-9)
    assert priced.certificate is not None and whole.certificate is None
