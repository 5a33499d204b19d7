"""Every equation family; importing this room registers them."""

from fleetopt.model.equations import (
    compute,
    demand,
    discounts,
    finance,
    limits,
    memory,
    orbit,
    orders,
    power,
    prefix,
    reliability,
    sites,
    split,
    supply,
    trade,
    traffic,
    training,
    vendors,
)

FAMILIES = (
    demand,
    split,
    compute,
    memory,
    traffic,
    prefix,
    power,
    sites,
    orbit,
    trade,
    supply,
    orders,
    discounts,
    vendors,
    finance,
    reliability,
    training,
    limits,
)
"""Modules of equations in the order of the formulation page."""
