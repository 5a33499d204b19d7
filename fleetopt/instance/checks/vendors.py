"""Terms of vendors: volume discounts, and shares of the business."""

from collections.abc import Iterator
from itertools import pairwise

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.supply import VolumeDiscount
from fleetopt.instance.systems import System


def check_discounts(instance: Instance) -> Iterator[Finding]:
    """A discount covers something its vendor sells, its steps rise, and a system keeps some of its price."""
    deepest: dict[str, float] = {}
    for n, discount in enumerate(instance.supply.discounts):
        at: Path = ("supply", "discounts", n)
        yield from _steps(at, discount)
        for s, id_ in enumerate(discount.systems):
            if any(system.id == id_ and system.vendor != discount.vendor for system in instance.systems):
                message = f"{id_} is not sold by {discount.vendor}"
                yield Finding((*at, "systems", s), message, "try the vendor of the system")
        covered = [system for system in instance.systems if _covers(discount, system)]
        if discount.enabled and not any(system.buyable and system.price.buy_usd is not None for system in covered):
            message = "the discount covers no system that is sold, so it says nothing"
            yield Finding(at, message, "try another vendor, or enabled: false", warning=True)
        for system in covered if discount.enabled else ():
            before = deepest.get(system.id, 0.0)
            deepest[system.id] = before + discount.steps[-1].discount
            if before <= 1 < deepest[system.id]:
                message = f"with the discounts above more than all of the price of {system.id} would come off"
                yield Finding(at, message, "try smaller ones")
    yield from _without_limit(instance, deepest)
    yield from _resold_dearer(instance, deepest)


def _steps(at: Path, discount: VolumeDiscount) -> Iterator[Finding]:
    if discount.steps[0].discount <= 0:
        yield Finding((*at, "steps", 0, "discount"), "the first step takes nothing off", "try removing the step")
    for number, (step, after) in enumerate(pairwise(discount.steps), start=1):
        for name in ("from_usd", "discount"):
            low, high = getattr(step, name), getattr(after, name)
            if high <= low:
                message = f"{high:g} is no more than the {low:g} of the step before"
                yield Finding((*at, "steps", number, name), message, "try steps that rise")


def _covers(discount: VolumeDiscount, system: System) -> bool:
    named = not discount.systems or system.id in discount.systems
    return system.enabled and system.vendor == discount.vendor and named


def _without_limit(instance: Instance, covered: dict[str, float]) -> Iterator[Finding]:
    for s, system in enumerate(instance.systems):
        if system.id in covered and system.power_kw <= 0 and system.kind != "satellite":
            message = "a system without power is limited by nothing, and a discount needs to know the most there can be"
            yield Finding(("systems", s, "power_kw"), message, "try its rated power")


def _resold_dearer(instance: Instance, covered: dict[str, float]) -> Iterator[Finding]:
    """Bought at a discount and resold by the list price, a unit must not fetch more than it cost."""
    for s, system in enumerate(instance.systems):
        paid = 1 - covered.get(system.id, 0.0)
        if system.resale is not None and paid < system.resale.first_share - 1e-9:
            message = f"new, a unit fetches {system.resale.first_share:g} of a list price of which {paid:g} was paid"
            hint = f"try {max(paid, 0.0):g} or less, or buying and selling would earn money"
            yield Finding(("systems", s, "resale", "first_share"), message, hint)


def check_vendor_shares(instance: Instance) -> Iterator[Finding]:
    """A share is of a vendor that sells or rents out systems, and together they leave room for buying at all."""
    shares, at = instance.supply.max_vendor_share, ("supply", "max_vendor_share")
    vendors = {system.vendor for system in instance.systems if system.enabled}
    for vendor in shares:
        if vendor not in vendors:
            message = f"{vendor} sells no system that is enabled, so its share says nothing"
            yield Finding((*at, vendor), message, "try the vendor of the systems", warning=True)
    if shares and vendors <= shares.keys() and sum(shares[vendor] for vendor in vendors) < 1:
        message = "every vendor has a share and together they are less than 1: nothing can be bought or rented"
        yield Finding(at, message, "try larger ones, or leave a vendor out", warning=True)
