"""Stages A and B where orders come in lots or of a least size and discounts go by steps: the same optimum."""

from typing import Any

import numpy as np
import pytest
from builders import tiny_instance

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model.build import Model, build
from fleetopt.solve import stages
from fleetopt.solve.kinds import structural
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.solver import Limits
from fleetopt.solve.stages import search

BUSY = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 1000.0}], "growth_per_period": 0.3}}}
STEPS = [{"from_usd": 3e6, "discount": 0.05}, {"from_usd": 6e6, "discount": 0.1}]


def modelled(kind: str, **sold: Any) -> tuple[Model, Matrix]:
    """Servers sold in some way at a volume discount."""
    supply = {"discounts": [{"id": "v", "vendor": "acme", "kind": kind, "window": "horizon", "steps": STEPS}]}
    instance = tiny_instance(systems={"gpu8": sold}, workloads=BUSY, supply=supply)
    model = build(instance, candidates(instance), offers(instance).offers)
    return model, matrix_of(model.problem, sum(model.constants.values()))


def test_orders_and_steps_are_structural() -> None:
    """Lots, orders and discount steps stay whole in stage A; servers of 0.3 M$ do not."""
    model, matrix = modelled("all_units", lot=2, min_order=5)
    families = {matrix.columns[i].split("__")[0] for i in np.flatnonzero(structural(model, matrix))}
    assert families == {"lots", "order", "level"}


@pytest.mark.parametrize("kind", ["all_units", "incremental"])
@pytest.mark.parametrize("sold", [{}, {"lot": 7}, {"lot": 4, "min_order": 9}])
def test_a_then_b_agrees_with_all_at_once(kind: str, sold: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Forced through A and B, the plan is within the gap of the optimum and the bound is below it."""
    model, matrix = modelled(kind, **sold)
    optimum = search(model, matrix, Limits(gap=0.0), method="monolithic").objective
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    outcome = search(model, matrix, Limits(gap=1e-3))
    assert optimum is not None and outcome.objective is not None and outcome.bound is not None
    assert outcome.status == "optimal" and outcome.bound <= optimum * (1 + 1e-9)
    assert optimum * (1 - 1e-9) <= outcome.objective <= optimum / (1 - 1e-3)
    assert "B1" in [phase["phase"] for phase in outcome.phases]
