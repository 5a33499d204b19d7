"""Cleaning: what the solver's tolerance leaves is nothing, and presence follows from the shares."""

from cases import case, model, solve, team

from fleetopt.solve.clean import clean

RUN = {
    "pretrain": {
        "kind": "training",
        "model": "small",
        "training": {"tokens": 1e9, "start": "2027q1", "deadline": "2027q2"},
    }
}


def test_a_trace_of_training_where_the_team_is_absent_is_nothing() -> None:
    """Memory of 9 is there in q2 alone; a share of 5e-9 in q1 without presence is noise, so q2 has the whole 0.1."""
    built = model(case(workloads=RUN), teams=(team(periods=0.1, least_units=9),))
    solve(built, "highs")
    raw = {
        family: {key: float(column.varValue or 0.0) for key, column in columns.items()}
        for family, columns in built.context.var.families().items()
    }
    raw["trainrun"] |= {("team", 0): 5e-9, ("team", 1): 0.1 - 5e-9}
    raw["active"] |= {("team", 0): 5e-9, ("team", 1): 1.0}
    var = clean(built.context, raw).context.var
    assert (var.trainrun["team", 0], var.trainrun["team", 1]) == (0.0, 0.1)
    assert (var.active["team", 0], var.active["team", 1]) == (0.0, 1.0)
