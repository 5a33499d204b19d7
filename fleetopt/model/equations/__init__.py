"""Every equation family; importing this room registers them."""

from fleetopt.model.equations import (
    compute,
    demand,
    finance,
    limits,
    memory,
    orbit,
    power,
    prefix,
    reliability,
    sites,
    supply,
    trade,
    traffic,
    training,
)

FAMILIES = (
    demand,
    compute,
    memory,
    traffic,
    prefix,
    power,
    sites,
    orbit,
    trade,
    supply,
    finance,
    reliability,
    training,
    limits,
)
"""Modules of equations in the order of the formulation page."""
