"""Serving columns as arrays: the same coefficients, row by row, as the equations'."""

from pathlib import Path

import numpy as np
import pytest
from rich_case import rich_model

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.load import load
from fleetopt.model.build import Model, build_from
from fleetopt.model.bulk import representatives, serving_columns, serving_count
from fleetopt.model.sets import build_sets
from fleetopt.solve.matrix import matrix_of

ROOT = Path(__file__).parents[2]
INSTANCES = sorted((ROOT / "instances" / "tutorial").glob("*.yaml")) + [
    ROOT / "instances" / "reference" / f"{name}.yaml" for name in ("orbit", "export_constrained_gulf")
]


def _apart(model: Model) -> float:
    """Largest difference of any coefficient of any serving column between arrays and equations."""
    matrix = matrix_of(model.problem)
    number = {name: n for n, name in enumerate(matrix.row_names)}
    rows = {reference: number[name] for name, reference in model.rows.items()}
    m = model.context
    columns = serving_columns(m.instance, m.sets, rows)
    position = {(p.candidate.id, p.bucket): n for n, p in enumerate(columns.points)}
    slices = list(m.sets.slices)
    keys = list(m.var.serve)
    assert len(keys) == serving_count(m.sets)
    if not keys:
        return 0.0
    at = [np.ravel_multi_index((position[k, b], t, slices.index(h)), columns.shape) for k, b, t, h in keys]
    theirs = matrix.rows.tocsc()[:, [matrix.index[m.var.serve[key].name] for key in keys]]
    apart = abs(columns.columns(np.array(at), len(matrix.row_names)) - theirs)
    return float(apart.max()) if apart.nnz else 0.0


@pytest.fixture(scope="module", params=INSTANCES, ids=lambda path: path.stem)
def full(request: pytest.FixtureRequest) -> Model:
    """The model of an instance with every column written out."""
    instance = load(request.param).instance
    offered = offers(instance)
    return build_from(instance, build_sets(instance, candidates(instance, offered), offered.offers))


def test_arrays_say_what_the_equations_say(full: Model) -> None:
    """Every coefficient of every serving column is the equations' own, to the last bit."""
    assert _apart(full) == 0.0


def test_arrays_know_every_row_of_the_rich_case() -> None:
    """The same where every equation has rows: parts, one system, pools, caches, cores, links of satellites."""
    assert _apart(rich_model()) == 0.0


def test_few_columns_bring_every_row(full: Model) -> None:
    """With representatives alone no row is lost that serving touches, but for sites that no demand comes to."""
    m = full.context
    few = build_from(m.instance, m.sets, representatives(m.instance, m.sets))
    assert set(few.rows) <= set(full.rows)
    lost = [full.rows[name] for name in set(full.rows) - set(few.rows)]
    arriving = {(w, b, s, m.sets.periods[t], h) for w, b, _, s, t, h in m.var.flow}
    assert {id_ for id_, _ in lost} <= {"D1.site"}
    assert not {index for _, index in lost} & arriving


def test_prices_are_duals_times_coefficients() -> None:
    """`priced` at any duals is the product with the columns' own coefficients, rows of several slices included."""
    model = rich_model()
    m = model.context
    rows = {reference: n for n, reference in enumerate(model.rows.values())}
    columns = serving_columns(m.instance, m.sets, rows)
    duals = np.random.default_rng(7).normal(size=len(rows))
    numbers = np.flatnonzero(np.broadcast_to(columns.live[:, :, None], columns.shape))
    product = columns.columns(numbers, len(rows)).T @ duals
    assert columns.priced(duals).reshape(-1)[numbers] == pytest.approx(product, abs=1e-9)
