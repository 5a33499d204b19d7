"""Supply limits and the planner's own limits."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance


def check_supply(instance: Instance) -> Iterator[Finding]:
    """A supply limit counts something, and counts no less than nothing."""
    for n, limit in enumerate(instance.supply.limits):
        at: Path = ("supply", "limits", n)
        if not limit.systems and limit.vendor is None:
            yield Finding(at, "the limit names neither systems nor a vendor", "try adding vendor: or systems:")
        for p, units in enumerate(limit.units_per_period):
            if units < 0:
                yield Finding((*at, "units_per_period", p), f"{units:g} is negative", "try 0 or more")
        yield from _too_long((*at, "units_per_period"), len(limit.units_per_period), instance)
    budget = len(instance.finance.capital_budget_usd)
    yield from _too_long(("finance", "capital_budget_usd"), budget, instance)
    yield from _too_long(("finance", "carbon_budget_t"), len(instance.finance.carbon_budget_t), instance)


def _too_long(at: Path, count: int, instance: Instance) -> Iterator[Finding]:
    if count > instance.time.periods:
        message = f"{count} values for {instance.time.periods} periods: the last ones are not used"
        yield Finding(at, message, warning=True)


def check_limits(instance: Instance) -> Iterator[Finding]:
    """A limit has a bound, and its bounds leave something between them."""
    for n, limit in enumerate(instance.policy.limits):
        at: Path = ("policy", "limits", n)
        if limit.at_least is None and limit.at_most is None and limit.exactly is None:
            yield Finding(at, "the limit has no bound", "try adding at_least:, at_most: or exactly:")
        if limit.exactly is not None and (limit.at_least is not None or limit.at_most is not None):
            yield Finding((*at, "exactly"), "stands beside at_least or at_most", "try only one of them")
        if limit.together and limit.of not in ("bought", "ordered"):
            message = f"what is {limit.of} would be counted again in each period"
            yield Finding((*at, "together"), message, "try of: bought, or together: false")
        if limit.at_least is not None and limit.at_most is not None and limit.at_least > limit.at_most:
            message = f"at least {limit.at_least:g} and at most {limit.at_most:g}"
            yield Finding((*at, "at_least"), message, "try a lower one")
        for name, bound in (("at_least", limit.at_least), ("at_most", limit.at_most), ("exactly", limit.exactly)):
            if limit.share and bound is not None and bound > 1:
                yield Finding((*at, name), f"the share {bound:g} exceeds 1", f"try {bound / 100:g}")
    for n, rule in enumerate(instance.trade.rules):
        for low, high in (("tpp_at_least", "tpp_below"), ("density_at_least", "density_below")):
            least, below = getattr(rule, low), getattr(rule, high)
            if least is not None and below is not None and least >= below:
                message = f"{least:g} is not below {high} {below:g}: the rule never bites"
                yield Finding(("trade", "rules", n, low), message, "try a lower one")


def check_trade(instance: Instance) -> Iterator[Finding]:
    """Licences, duties and caps hold in some period; shipments are counted from nothing up, of systems with chips."""
    time, chips = instance.time, {system.id: system.chips for system in instance.systems}
    spans = [(("licences", n), licence.since, licence.until) for n, licence in enumerate(instance.trade.licences)]
    spans += [(("duties", n), duty.since, duty.until) for n, duty in enumerate(instance.trade.duties)]
    for (name, n), since, until in spans:
        if since is not None and until is not None and time.period_index(since) > time.period_index(until):
            message = f"{until} comes before {since}, so it never holds"
            yield Finding(("trade", name, n, "until"), message, "try a later one")
    for n, seller in enumerate(instance.trade.seller_shipments):
        at: Path = ("trade", "seller_shipments", n)
        for p, shipped in enumerate(seller.chips_per_period):
            if shipped < 0:
                yield Finding((*at, "chips_per_period", p), f"{shipped:g} is negative", "try 0 or more")
        yield from _too_long((*at, "chips_per_period"), len(seller.chips_per_period), instance)
        for s, system in enumerate(seller.systems):
            if chips.get(system) == 0:
                yield Finding((*at, "systems", s), f"{system!r} has no accelerators to count", "try removing it")
        if seller.home in seller.destinations:
            yield Finding((*at, "home"), f"{seller.home} is a destination too", "try another")
