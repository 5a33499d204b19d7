"""Columns that bring units of a system to a site: what is bought, and what is rented."""

from collections.abc import Iterator
from typing import Any

from fleetopt.model.build import Model

FAMILIES = ("buy", "rent", "contract")
"""Column families whose index begins with system and site."""


def acquisitions(model: Model) -> Iterator[tuple[str, str, Any]]:
    """(system, site, column) of everything that can be bought or rented."""
    families = model.context.var.families()
    for name in FAMILIES:
        for key, column in families[name].items():
            yield key[0], key[1], column
