"""The entries of an instance and a plan by id, and its periods and slices by index."""

from dataclasses import dataclass, field
from functools import cached_property

from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Workload
from fleetopt.plan import Deployment, Plan
from fleetopt.verify.worth import Worth


@dataclass(frozen=True)
class Indexed:
    """An instance and a plan whose ids are known to exist."""

    instance: Instance
    plan: Plan
    worth: Worth = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "worth", Worth(self.instance))

    @cached_property
    def periods(self) -> range:
        """Period indices."""
        return range(self.instance.time.periods)

    @cached_property
    def period_ids(self) -> tuple[str, ...]:
        """Period ids."""
        return self.instance.time.period_ids

    @cached_property
    def index(self) -> dict[str, int]:
        """Period index by id."""
        return {period: t for t, period in enumerate(self.period_ids)}

    @cached_property
    def slices(self) -> tuple[str, ...]:
        """Slice ids."""
        return tuple(h.id for h in self.instance.time.slices)

    @cached_property
    def hours(self) -> dict[str, float]:
        """Hours of each slice in a cycle."""
        return {h.id: h.hours for h in self.instance.time.slices}

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Seconds of each slice in a period."""
        return {h.id: self.instance.time.slice_hours_in_period(h) * 3600 for h in self.instance.time.slices}

    @cached_property
    def systems(self) -> dict[str, System]:
        """Enabled systems by id."""
        return {c.id: c for c in self.instance.systems if c.enabled}

    @cached_property
    def sites(self) -> dict[str, Site]:
        """Enabled sites by id."""
        return {s.id: s for s in self.instance.sites if s.enabled}

    @cached_property
    def tiers(self) -> dict[str, MemoryTier]:
        """Enabled memory tiers by id."""
        return {m.id: m for m in self.instance.memory if m.enabled}

    @cached_property
    def workloads(self) -> dict[str, Workload]:
        """Enabled workloads that are served, by id."""
        return {w.id: w for w in self.instance.workloads if w.enabled and w.kind != "training"}

    @cached_property
    def deployments(self) -> dict[str, Deployment]:
        """Deployments by id."""
        return {d.id: d for d in self.plan.deployments}

    @cached_property
    def opened(self) -> dict[str, int]:
        """Period index from which each site is open; one past the horizon where never."""
        found = {s.id: 0 if s.opening is None else self.instance.time.periods for s in self.sites.values()}
        return found | {entry.site: self.index[entry.period] for entry in self.plan.sites_opened}

    @cached_property
    def first_open(self) -> dict[str, int]:
        """First period index in which each site can be open; units held for it wait until then."""
        time = self.instance.time
        found = {s.id: 0 for s in self.sites.values()}
        for s in self.sites.values():
            if s.opening is not None:
                earliest = time.period_index(s.opening.earliest) if s.opening.earliest else 0
                found[s.id] = max(earliest, time.periods_of_months(s.opening.lead_months))
        return found
