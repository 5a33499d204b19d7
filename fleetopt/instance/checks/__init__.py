"""Checks of a whole instance that the schema cannot make: all of them, every time."""

from collections.abc import Callable, Iterator

from fleetopt.instance.checks.decisions import check_decisions
from fleetopt.instance.checks.equipment import check_holdings, check_satellites, check_systems
from fleetopt.instance.checks.finance import check_residual
from fleetopt.instance.checks.given import check_given
from fleetopt.instance.checks.horizon import check_periods, check_slices, check_training_windows
from fleetopt.instance.checks.identity import check_duplicates, check_links, check_plan_words
from fleetopt.instance.checks.limits import check_limits, check_supply, check_trade
from fleetopt.instance.checks.measured import check_measured
from fleetopt.instance.checks.memory import check_gaps, check_homes, check_reuse_curves, check_traffic
from fleetopt.instance.checks.models import check_drafts, check_models
from fleetopt.instance.checks.orbits import check_orbits
from fleetopt.instance.checks.prices import check_dated_prices
from fleetopt.instance.checks.references import check_references
from fleetopt.instance.checks.regulation import check_regulation
from fleetopt.instance.checks.reliability import check_spares, check_spread
from fleetopt.instance.checks.sites import check_sites
from fleetopt.instance.checks.vendors import check_discounts, check_vendor_shares
from fleetopt.instance.checks.workloads import check_demand, check_serving, check_targets, check_workload_sections
from fleetopt.instance.located import Finding
from fleetopt.instance.schema import Instance

CHECKS: tuple[Callable[[Instance], Iterator[Finding]], ...] = (
    check_duplicates,
    check_links,
    check_plan_words,
    check_references,
    check_slices,
    check_periods,
    check_training_windows,
    check_workload_sections,
    check_serving,
    check_targets,
    check_demand,
    check_models,
    check_drafts,
    check_homes,
    check_gaps,
    check_traffic,
    check_reuse_curves,
    check_systems,
    check_dated_prices,
    check_satellites,
    check_holdings,
    check_sites,
    check_orbits,
    check_supply,
    check_discounts,
    check_vendor_shares,
    check_limits,
    check_trade,
    check_regulation,
    check_residual,
    check_decisions,
    check_spares,
    check_spread,
    check_measured,
    check_given,
)


def check(instance: Instance) -> list[Finding]:
    """Findings and warnings of every check."""
    return [finding for one in CHECKS for finding in one(instance)]
