"""Every equation family; importing this room registers them."""

from fleetopt.model.equations import (
    compute,
    demand,
    finance,
    limits,
    memory,
    orbit,
    orders,
    power,
    reliability,
    sites,
    supply,
    trade,
    training,
    vendors,
)

FAMILIES = (
    demand,
    compute,
    memory,
    power,
    sites,
    orbit,
    trade,
    supply,
    orders,
    vendors,
    finance,
    reliability,
    training,
    limits,
)
"""Modules of equations in the order of the formulation page."""
