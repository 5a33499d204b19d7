"""Small fleets with little power: tens of racks, a few hundred whole numbers that hang together, no slack to round.

Half of them can rent B200 servers by the whole unit; the others own most of what the first quarters take, and price
what they cannot serve. `nox -s bench -- --sizes none --tight all` measures them.
"""

from dataclasses import replace

from fleets.shape import Shape

RENTING = Shape(
    workloads=6, systems=6, sites=4, periods=8, slices=4, buckets=2, trainings=0, regions=3, openings=1,
    servers=200.0, block_kw=1000, power_share=1.05, new_power_share=1.3, owned_share=0.2, whole_rent=True,
)  # fmt: skip
OWNING = replace(
    RENTING, servers=250.0, rent=False, whole_rent=False, owned_share=1.25, power_share=1.9, new_power_share=1.0
)
CHOSEN: dict[str, Shape] = {
    "rent-a": RENTING,
    "rent-b": replace(RENTING, servers=150.0, seed=1),
    "rent-c": replace(RENTING, servers=300.0, systems=8, seed=2),
    "rent-d": replace(RENTING, sites=5, openings=2, new_power_share=0.8, seed=3),
    "rent-e": replace(RENTING, servers=300.0, slices=6, workloads=5, seed=4),
    "rent-f": replace(RENTING, servers=400.0, sites=3, periods=6, trainings=1, seed=5),
    "own-a": OWNING,
    "own-b": replace(OWNING, servers=400.0, systems=8, seed=1),
    "own-c": replace(OWNING, servers=300.0, workloads=8, seed=2),
    "own-d": replace(OWNING, sites=3, openings=1, new_power_share=0.8, seed=3),
    "own-e": replace(OWNING, servers=300.0, sites=5, openings=2, block_kw=500, seed=4),
    "own-f": replace(OWNING, servers=350.0, periods=6, trainings=1, seed=5),
}
SMALLER = replace(RENTING, servers=300.0, workloads=5, sites=3, periods=6)
DRAWN = {
    "rent-f": (CHOSEN["rent-f"], (11, 14)),
    "rent-g": (SMALLER, (11, 12, 13)),
    "own-c": (CHOSEN["own-c"], (11, 12, 13)),
    "own-d": (CHOSEN["own-d"], (12,)),
    "own-f": (CHOSEN["own-f"], (11, 12, 14)),
}
"""Of 19 fleets with seeds from 11 on, four of each shape but three of rent-g, those that took PuLP and HiGHS a minute
or more to 0.1 %: by that alone."""
TIGHT = CHOSEN | {
    f"{name}{seed}": replace(shape, seed=seed) for name, (shape, seeds) in DRAWN.items() for seed in seeds
}
"""The benchmark set, by name."""
