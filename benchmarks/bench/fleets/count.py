"""How many serving columns the model of an instance has, counted without building it."""

from dataclasses import dataclass

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.schema import Instance
from fleetopt.model.sets import build_sets


@dataclass(frozen=True)
class Count:
    """What is left after screens and dominance."""

    candidates: int
    serving_columns: int
    """One for each candidate, request size, period in which its system may be in service, and slice."""
    whole_replicas: int
    """Columns of replicas counted whole."""
    teams: int
    """Training teams."""


def count(instance: Instance) -> Count:
    """Count the feasible columns of an instance."""
    offered = offers(instance)
    sets = build_sets(instance, candidates(instance, offered), offered.offers)
    live = {c.id: len(sets.live[c.system, c.site]) for c in sets.candidates}
    return Count(
        candidates=len(sets.candidates),
        serving_columns=sum(len(c.points) * live[c.id] for c in sets.candidates) * len(sets.slices),
        whole_replicas=sum(live[c.id] for c in sets.candidates if c.whole),
        teams=len(sets.training),
    )
