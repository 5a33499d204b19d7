"""Every equation family; importing this room registers them in the order of the formulation page."""

from fleetopt.model.equations import (  # noqa: F401
    demand,
    compute,
    memory,
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
