"""Infeasible for the vendors' terms: the diagnosis names the term, and what would help."""

from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model.build import build
from fleetopt.solve.diagnose import diagnose
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.solver import Limits

DEMAND = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 3000.0}]}}}
UNSOLD = {"buyable": False}
SPOT = {"id": "spot", "usd_per_h": 9.0, "preemption_share": 0.2}
RESERVED = {"id": "reserved", "usd_per_h": 9.0, "max_units": 1}


@pytest.mark.parametrize(
    ("changes", "equation", "advice"),
    [
        ({"supply": {"max_vendor_share": {"acme": 0.5}}}, "B6", "max_vendor_share"),
        ({"systems": {"gpu8": {"lot": 100}}}, "B3", "lot"),
        ({"systems": {"gpu8": {"min_order": 100}}}, "B3.least", "min_order"),
        ({"systems": {"gpu8": {**UNSOLD, "rental_classes": [SPOT]}}}, "C1.steady", "nobody takes away"),
        ({"systems": {"gpu8": {**UNSOLD, "rental_classes": [RESERVED]}}}, "B7.class", "rental class"),
    ],
)
def test_the_term_in_the_way_is_named(changes: dict[str, Any], equation: str, advice: str) -> None:
    """One vendor with half of the spending; a lot, or a least order, of 100 where power carries 80; spot for people who
    wait; one unit of a class: each is the first finding, with its advice."""
    instance = tiny_instance(workloads=DEMAND, **changes)
    model = build(instance, candidates(instance), offers(instance).offers)
    diagnosis = diagnose(model, matrix_of(model.problem, sum(model.constants.values())), Limits())
    assert diagnosis.findings[0].equation == equation and diagnosis.findings[0].shortfall > 0
    assert advice in diagnosis.advice[0]
