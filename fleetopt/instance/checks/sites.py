"""Sites: what an orbit needs, and what it cannot have."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.orbits import Orbit
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site


def check_sites(instance: Instance) -> Iterator[Finding]:
    """The section `orbit` stands with kind orbit, and only there; satellites bring their own power."""
    sold = any(c.enabled and c.buyable and c.price.buy_usd is not None for c in instance.systems)
    buyable = sold or bool(instance.fleet)
    for s, site in enumerate(instance.sites):
        at: Path = ("sites", s)
        if site.kind == "orbit" and site.orbit is None:
            hint = "try adding orbit: {launch_usd_per_kg, launch_kg_per_period}"
            yield Finding(at, "a site of kind orbit needs the section orbit", hint)
        elif site.kind != "orbit" and site.orbit is not None:
            message = f"only kind orbit has this section, and this one is {site.kind}"
            yield Finding((*at, "orbit"), message, "try removing it, or kind: orbit")
        for name in ("sources", "lease"):
            if site.kind == "orbit" and getattr(site.power, name):
                message = "a site in orbit has no power of its own: satellites bring theirs"
                yield Finding((*at, "power", name), message, "try removing it")
        if site.kind == "orbit" and site.cooling is not None:
            message = "a site in orbit has no cooling plant: satellites radiate their own heat"
            yield Finding((*at, "cooling"), message, "try removing it")
        if site.orbit is not None:
            yield from _orbit((*at, "orbit"), site.orbit)
        if site.provider_country is not None:
            yield from _provider(at, site, instance)
        yield from _power(at, site, buyable)
        yield from _builds(at, site)


def _orbit(at: Path, orbit: Orbit) -> Iterator[Finding]:
    """An eclipse needs a time out of the sun, and a relay or a contact something it is the way of."""
    if orbit.eclipse_hours and orbit.sun_fraction == 1.0:
        message = f"an eclipse of {orbit.eclipse_hours:g} hours where the sun always shines"
        yield Finding((*at, "eclipse_hours"), message, "try a sun_fraction below 1", warning=True)
    for name, default in (("relay_gb_s", 0.0), ("contact_share", 1.0)):
        if orbit.downlink_gb_s is None and getattr(orbit, name) != default:
            message = "has no effect while the downlink is not limited"
            yield Finding((*at, name), message, "try adding downlink_gb_s: (0 where relays alone carry the traffic)")


def _provider(at: Path, site: Site, instance: Instance) -> Iterator[Finding]:
    """A provider's site is on the ground, and nothing there is the operator's."""
    if site.kind == "orbit":
        message = "a provider's machines stand on the ground"
        yield Finding((*at, "provider_country"), message, "try removing it, or kind: ground")
    for h, held in enumerate(instance.fleet):
        if held.site == site.id:
            message = f"what stands at {site.id!r} is its provider's"
            yield Finding(("fleet", h, "site"), message, "try another site, or no `provider_country`")


def _power(at: Path, site: Site, buyable: bool) -> Iterator[Finding]:
    """PUE and blocks make sense; a site without power is worth a warning where anything is bought."""
    power = site.power
    own = buyable and site.enabled and site.provider_country is None
    if site.kind == "ground" and own and not power.sources and power.lease is None:
        message = "the site has no power: only systems that are rented can serve there"
        yield Finding(at, message, "try power: {sources: [...]}", warning=True)
    if power.pue_average > power.pue_peak:
        message = f"the average PUE {power.pue_average:g} exceeds the peak PUE {power.pue_peak:g}"
        yield Finding((*at, "power", "pue_average"), message, "try at most pue_peak")
    for e, source in enumerate(power.sources):
        if source.max_new_kw > 0 and source.block_kw <= 0:
            yield Finding((*at, "power", "sources", e, "block_kw"), "a block holds nothing", "try more than 0")


def _builds(at: Path, site: Site) -> Iterator[Finding]:
    """Least and most builds (S3) leave something between them, and something to build."""
    least, most = site.min_new_kw, site.max_new_kw
    for name, bound in (("min_new_kw", least), ("max_new_kw", most)):
        if site.kind == "orbit" and bound is not None:
            message = "no power is built at a site in orbit: satellites bring theirs"
            yield Finding((*at, name), message, "try removing it")
    if least is not None and most is not None and least > most:
        yield Finding((*at, "min_new_kw"), f"at least {least:g} and at most {most:g}", "try a lower one")
    sources = [(e, source) for e, source in enumerate(site.power.sources) if source.enabled]
    can_kw = sum(source.max_new_kw * source.scale * site.power.scale for _, source in sources)
    if site.kind == "ground" and least is not None and least > can_kw:
        message = f"the sources can be built to {can_kw:g} kW together, less than {least:g}: nothing is ever built"
        yield Finding((*at, "min_new_kw"), message, "try a lower one, or more of a source", warning=True)
    for e, source in sources:
        if source.min_new_kw > source.max_new_kw * source.scale * site.power.scale:
            message = f"least build {source.min_new_kw:g} kW of at most {source.max_new_kw:g}: nothing is ever built"
            path = (*at, "power", "sources", e, "min_new_kw")
            yield Finding(path, message, "try a lower one, or a higher max_new_kw", warning=True)
