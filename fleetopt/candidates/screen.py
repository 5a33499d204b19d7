"""The screens: rules that decide whether a column exists at all, and the functions that decide them.

Each leaves a reason behind (`fleetopt candidates --rejected`). The rules live where their facts are; this list leads to
them, for the formulation page and for whoever looks for a rule by its id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleetopt.candidates.choice import one_whole_layout
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.evaluate import operate
from fleetopt.candidates.layouts import replica_units
from fleetopt.candidates.measured import Stands
from fleetopt.candidates.offers import offers, too_dense
from fleetopt.candidates.prefix import hit_levels
from fleetopt.candidates.training import largest_team, training_on
from fleetopt.network.graph import reach
from fleetopt.orbit.battery import battery_kg, mean_load_kw
from fleetopt.orbit.satellite import size
from fleetopt.policy.export import licence_for, verdict_at
from fleetopt.prediction.queueing import queued
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.training import training_refusal


@dataclass(frozen=True, slots=True)
class Screen:
    """A rule by what it says, and the functions that decide it."""

    says: str
    decided_by: tuple[Callable[..., Any], ...]


SCREENS: dict[str, Screen] = {
    "D3": Screen(
        "A site serves a region only if the round trip takes at most its share of the tightest TTFT target, and its "
        "jurisdiction is one that the region's and the workload's data may enter.",
        (reach,),
    ),
    "D4": Screen(
        "A prefill pool needs a network to send KV over and a decode pool at the same site, and the reverse; "
        "satellites share no fabric, so they are never split.",
        (candidates,),
    ),
    "C2": Screen(
        "A tensor group shares one scale-up domain, pipeline stages have a link between them, and a replica or a "
        "training run's systems share one site and fabric.",
        (Predictor.max_batch, replica_units, training_on),
    ),
    "LAYOUT": Screen(
        "Of replicas that span several units, one layout for each site, system, stage and use of the cache is offered: "
        "the one that serves the most and takes the fewest units. A choice made to keep the search short, not a rule "
        "that the others break.",
        (one_whole_layout,),
    ),
    "M1": Screen(
        "Weights and active KV fit the usable fast memory of the replica's chips at the batch.",
        (Predictor.max_batch,),
    ),
    "M4": Screen(
        "A workload with a reuse curve is offered without a prefix cache and at each corner of the curve's upper "
        "concave envelope; splitting requests between corners reaches every point on it.",
        (hit_levels,),
    ),
    "MEASURED": Screen(
        "Where the planner has measured a system for a workload's bucket, its measurements stand and predictions do "
        "not: of the whole system, or with `replace: matching` of the layouts measured.",
        (Stands.instead_of,),
    ),
    "O1": Screen(
        "A satellite's array and radiator carry its whole power and heat at end of life, eclipse included; its chips "
        "stand the dose of its life; its parts give its launch mass.",
        (size,),
    ),
    "O4": Screen(
        "A satellite's battery carries its whole load through the longest eclipse, or its bus alone where its chips "
        "rest, and lasts as many eclipses as come; the array charges it. Both are part of the launch mass.",
        (battery_kg, mean_load_kw),
    ),
    "P3": Screen(
        "A system is bought for a site on the ground only if the rated power it brings to a rack position can be "
        "cooled there; a unit of less than one position may have one to itself.",
        (too_dense,),
    ),
    "X1": Screen(
        "A system is delivered to a site in a period only if the rules in force then let its chip go there, or a "
        "licence that the instance assumes covers it. A provider's machines are judged by the provider's "
        "headquarters, and by rules on remote use.",
        (verdict_at, licence_for),
    ),
    "B2": Screen(
        "A delivery comes no sooner than the lead time and the market date, so an order that cannot arrive within the "
        "horizon does not exist.",
        (offers,),
    ),
    "R2": Screen(
        "The rate of a candidate is the highest at which its targets hold at their percentile with the arrivals' "
        "dispersion in the busiest slice, at most the planned utilisation: derated once, here.",
        (operate, queued),
    ),
    "T1": Screen(
        "A team could finish its run by the deadline with what supply, power and space could ever give it.",
        (largest_team,),
    ),
    "T2": Screen(
        "Weights, optimiser state and activations fit the usable memory of a team's chips.",
        (training_refusal,),
    ),
}
"""By rule id, in the order of the page."""
