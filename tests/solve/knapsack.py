"""Small problems for solver tests: arrays only, no instance."""

import random

from pulp import LpMinimize, LpProblem, lpSum

from fleetopt.solve.matrix import Matrix, matrix_of


def mixed(constant: float = 0.0) -> Matrix:
    """min 2x + 3z + constant, x + z >= 4.5, 0 <= x, z <= 10, z whole: x = 4.5 costs 9."""
    problem = LpProblem("mixed", LpMinimize)
    x, z = problem.add_variable("x", 0, 10), problem.add_variable("z", 0, 10, "Integer")
    problem += 2 * x + 3 * z
    problem.addConstraint(x + z >= 4.5, "need")
    return matrix_of(problem, constant)


def knapsack(items: int = 60, rows: int = 5, constant: float = 0.0) -> Matrix:
    """A 0/1 knapsack in several dimensions with like values: quick to fill, slow to prove."""
    draw = random.Random(1)
    problem = LpProblem("knapsack", LpMinimize)
    take = [problem.add_variable(f"x{i}", 0, 1, "Integer") for i in range(items)]
    weights = [[draw.randint(20, 100) for _ in take] for _ in range(rows)]
    problem += lpSum(-(w + 10 + draw.randint(-5, 5)) * x for w, x in zip(weights[0], take, strict=True))
    for number, row in enumerate(weights):
        problem.addConstraint(lpSum(w * x for w, x in zip(row, take, strict=True)) <= sum(row) // 2, f"r{number}")
    return matrix_of(problem, constant)


def impossible() -> Matrix:
    """A row without terms that asks for 1."""
    problem = LpProblem("impossible", LpMinimize)
    problem.add_variable("x", 0, 1)
    problem.addConstraint(lpSum([]) >= 1, "nothing")
    return matrix_of(problem)
