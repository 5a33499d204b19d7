"""Spares, and the sites of critical workloads (R1)."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Workload


def check_spares(instance: Instance) -> Iterator[Finding]:
    """A rule says how many or with what probability, on the ground; one that nothing fails under is worth a warning."""
    orbit = {site.id for site in instance.sites if site.kind == "orbit"}
    for n, rule in enumerate(instance.policy.spares):
        at: Path = ("policy", "spares", n)
        if (rule.units is None) == (rule.confidence is None):
            yield Finding(at, "needs units or confidence, one of them", "try units: 1, or confidence: 0.99")
        if rule.confidence is not None and not 0.5 <= rule.confidence <= 0.999999:
            message = f"a probability of {rule.confidence:g} cannot be planned for"
            yield Finding((*at, "confidence"), message, "try 0.5 to 0.999999")
        for s, site in enumerate(rule.sites):
            if site in orbit:
                message = "nothing is repaired in orbit: what serves there is what survives (O3)"
                yield Finding((*at, "sites", s), message, "try removing it")
        named = [s for s in instance.systems if not rule.systems or s.id in rule.systems]
        if rule.confidence is not None and not any(s.failures_per_year * s.repair_days > 0 for s in named):
            yield Finding(at, "none of its systems ever fails, so no spares are kept", "", warning=True)


def check_spread(instance: Instance) -> Iterator[Finding]:
    """Only what is served is spread over sites, over no more than there are, with shares that leave a plan."""
    enabled = sum(1 for site in instance.sites if site.enabled)
    for w, workload in enumerate(instance.workloads):
        at: Path = ("workloads", w)
        if workload.kind == "training" and (workload.min_sites is not None or workload.max_site_share is not None):
            name = "min_sites" if workload.min_sites is not None else "max_site_share"
            yield Finding((*at, name), "a training run is done at one site", "try removing it")
            continue
        yield from _shares(at, workload, enabled)
        since = workload.sites_since
        if since is not None and instance.time.period_index(since) >= instance.time.periods:
            yield Finding((*at, "sites_since"), f"{since} lies after the horizon", "try an earlier period")


def _shares(at: Path, workload: Workload, enabled: int) -> Iterator[Finding]:
    least, most = workload.min_sites, workload.max_site_share
    if least is not None and least > enabled:
        yield Finding((*at, "min_sites"), f"{least} sites, and {enabled} are enabled", "try fewer, or more sites")
    if least is not None and least * workload.min_site_share > 1 + 1e-9:
        message = f"{least} sites with {workload.min_site_share:g} of the requests each are more than all"
        yield Finding((*at, "min_site_share"), message, f"try at most {1 / least:g}")
    if most is not None and most * enabled < 1 - 1e-9:
        message = f"{enabled} sites with at most {most:g} of the requests each do not serve all"
        yield Finding((*at, "max_site_share"), message, f"try at least {1 / max(enabled, 1):g}")
