"""What is looked for in a plan: systems, sites, vendors, memory, work, by name or by what they are."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from fleetopt.instance.base import Id, Name, Section
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.suggest import did_you_mean
from fleetopt.instance.systems import System
from fleetopt.units import Share

Kind = Literal["server", "rack", "wafer", "satellite", "cpu", "memory"]
ChipMemory = Literal["HBM", "GDDR", "LPDDR", "SRAM"]
_YEAR = re.compile(r"(?:19|20)\d\d")


class Look(Section):
    """Something a plan may use; what is said of it must all be true of the same purchase, placement or run."""

    system: Id | tuple[Id, ...] | None = None
    """System bought, rented, or placed; any of several."""
    vendor: Name | tuple[Name, ...] | None = None
    """Vendor bought or rented from; any of several."""
    site: Id | tuple[Id, ...] | None = None
    """Site that something is bought for or placed at; any of several."""
    workload: Id | tuple[Id, ...] | None = None
    """Only what serves, trains or keeps state for this workload counts; any of several."""
    tier: Id | tuple[Id, ...] | None = None
    """Memory tier bought, rented, or holding something; any of several."""
    source: Id | tuple[Id, ...] | None = None
    """Power source built, or `lease`; any of several."""
    acquisition: Literal["buy", "rent"] | None = None
    """Only what is bought, or only what is rented, counts."""
    stage: Literal["aggregated", "prefill", "decode"] | None = None
    """Only what does this part of serving counts."""
    kind: Kind | None = None
    """Any system of this kind."""
    chip_memory: ChipMemory | None = None
    """Any system whose chips have this fast memory."""
    launched_before: int | None = Field(default=None, ge=1990, le=2100)
    """Any system whose chip was launched before this year."""
    node_nm_from: float | None = Field(default=None, gt=0, le=1000)
    """Any system whose chip is of this process node (nm) or an older one."""
    place: Literal["ground", "orbit"] | None = None
    """Any site of this kind."""
    share: Share | None = None
    """Counts only from this part of the workload's rate on, mean over periods and slices."""
    units: float | None = Field(default=None, gt=0)
    """Counts only from so many units on, bought and rented together."""
    _named: Mapping[str, tuple[str, ...]] = PrivateAttr(default_factory=dict)

    @property
    def described(self) -> tuple[str, ...]:
        """Fields that describe systems or sites in place of naming them."""
        return tuple(name for name in (*_SYSTEMS, *_SITES) if getattr(self, name) is not None)

    @property
    def wanted(self) -> dict[str, frozenset[str]]:
        """Values that do, by field of a line of the plan."""
        missing = [name for name in self.described if name not in self._named]
        if missing:
            raise ValueError(f"{missing[0]} means nothing before an instance says which systems and sites are so")
        found: dict[str, frozenset[str]] = {}
        for name in _NAMES:
            given = getattr(self, name)
            if given is not None:
                found[name] = frozenset((given,) if isinstance(given, str) else given)
        for name, ids in self._named.items():
            line = "system" if name in _SYSTEMS else "site"
            found[line] = found.get(line, frozenset(ids)) & frozenset(ids)
        return found

    def among(self, instance: Instance) -> Self:
        """The same, knowing which systems and sites of the instance are meant.

        Raises ValueError where the instance has none that is so, or none of a name.
        """
        for name, known in _known(instance).items():
            given = getattr(self, name)
            for value in () if given is None else (given,) if isinstance(given, str) else given:
                if value not in known:
                    raise ValueError(f"there is no {name} {value!r}; {did_you_mean(value, known)}")
        named: dict[str, tuple[str, ...]] = {}
        for name in self.described:
            wanted = getattr(self, name)
            if name in _SYSTEMS:
                named[name] = tuple(s.id for s in instance.systems if _SYSTEMS[name](s, wanted))
            else:
                named[name] = tuple(s.id for s in instance.sites if _SITES[name](s, wanted))
            if not named[name]:
                raise ValueError(f"no {'system' if name in _SYSTEMS else 'site'} has {name} {wanted}")
        found = self.model_copy()
        found._named = named
        return found

    @property
    def said(self) -> str:
        """In words: `cs-3 for chat at oslo`."""
        words = [_listed(getattr(self, name)) for name in ("system", "tier", "source") if getattr(self, name)]
        for name, text in _DESCRIBED.items():
            if getattr(self, name) is not None:
                words.append(text.format(getattr(self, name)))
        if self.stage is not None:
            pool = {"aggregated": "one pool"}.get(self.stage, f"a {self.stage} pool")
            words.append(f"as {pool}" if words else pool)
        if self.acquisition is not None:
            words.append({"buy": "bought", "rent": "rented"}[self.acquisition])
        text = " ".join(words) or "anything"
        for name, joint in (("vendor", "from"), ("workload", "for"), ("site", "at")):
            if getattr(self, name) is not None:
                text += f" {joint} {_listed(getattr(self, name))}"
        if self.place is not None:
            text += " in orbit" if self.place == "orbit" else " on the ground"
        if self.share is not None:
            text += f", at least {100 * self.share:g} % of the rate"
        return text + (f", at least {self.units:g} units" if self.units is not None else "")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        other = [name for name in (*_NAMES, "acquisition", "stage") if name != "workload"]
        if not self.described and all(getattr(self, name) is None for name in other):
            raise ValueError("says nothing to look for; try one of system, vendor, site, tier, source, kind, place")
        if self.vendor is not None and self.workload is not None:
            raise ValueError("a vendor serves no workload; try the system")
        if self.share is not None and (self.workload is None or self.vendor or self.tier or self.source):
            raise ValueError("a share is a share of a workload's rate; try adding workload, and system or site")
        if self.units is not None and (self.workload is not None or self.stage is not None):
            raise ValueError("units are bought for no workload in particular; try a share")
        return self


_NAMES = ("system", "vendor", "site", "workload", "tier", "source", "acquisition", "stage")


def _launched_before(system: System, year: int) -> bool:
    found = _YEAR.search(system.chip.launch) if system.chip is not None else None
    return found is not None and int(found[0]) < year


_SYSTEMS: Mapping[str, Callable[[System, Any], bool]] = {
    "kind": lambda system, kind: system.kind == kind,
    "chip_memory": lambda system, memory: system.chip is not None and system.chip.memory_kind == memory,
    "launched_before": _launched_before,
    "node_nm_from": lambda system, node: system.chip is not None and (system.chip.node_nm or 0.0) >= node,
}
_SITES: Mapping[str, Callable[[Site, Any], bool]] = {"place": lambda site, kind: site.kind == kind}
_DESCRIBED = {
    "kind": "any {}",
    "chip_memory": "any chip with {}",
    "launched_before": "any chip from before {}",
    "node_nm_from": "any chip of {:g} nm or older",
}


def _known(instance: Instance) -> dict[str, list[str]]:
    """Names there are, by field; fields that take any name are left out."""
    return {
        "system": [s.id for s in instance.systems],
        "vendor": list(dict.fromkeys(s.vendor for s in instance.systems)),
        "site": [s.id for s in instance.sites],
        "workload": [w.id for w in instance.workloads],
        "tier": [m.id for m in instance.memory],
        "source": ["lease", *dict.fromkeys(e.id for s in instance.sites for e in s.power.sources)],
    }


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else " or ".join(value)


Line = tuple[str, Mapping[str, Any]]
"""(kind, fields) of something a plan does."""


def lines(plan: Mapping[str, Any]) -> Iterator[Line]:
    """Everything a plan does that can be looked for; placements that serve nothing are left out."""
    for purchase in plan.get("purchases", ()):
        yield "purchase", purchase
    deployments = plan.get("deployments", {})
    for placement in plan.get("placements", ()):
        if any(rate > 0 for rate in placement["served_per_s"].values()):
            yield "placement", deployments[placement["deployment"]]
    for run in plan.get("training_runs", ()):
        yield "training", run
    for bought in plan.get("memory_purchases", ()):
        yield "memory", bought
    for parked in plan.get("parked", ()):
        if parked["gb"] > 0:
            yield "parked", parked
    for built in plan.get("power_builds", ()):
        yield "power", built


def matches(line: Line, wanted: Mapping[str, frozenset[str]]) -> bool:
    """Whether a line has every value wanted; power counts where a source is asked for, and there nothing else does."""
    kind, said = line
    return (kind == "power") == ("source" in wanted) and all(
        said.get(name) in values for name, values in wanted.items()
    )


def found(plan: Mapping[str, Any], look: Look) -> str:
    """What in a plan is looked for, in words with the figures that count; empty where there is nothing, or too little.

    The first purchase, placement or training run stands for all of them.
    """
    wanted = look.wanted
    if look.share is not None:
        part = rate_share(plan, wanted)
        return f"{100 * part:.3g} % of the rate" if part > 0 and part >= look.share * (1 - 1e-9) else ""
    if look.units is not None:
        units = sum(p["units"] for p in plan.get("purchases", ()) if matches(("purchase", p), wanted))
        return f"{units:,g} units" if units >= look.units * (1 - 1e-9) else ""
    for kind, line in lines(plan):
        if matches((kind, line), wanted):
            names = ("source", "site") if kind == "power" else ("workload", "system", "tier", "site")
            return f"{kind} {' '.join(str(line[name]) for name in names if line.get(name))}"
    return ""


def rate_share(plan: Mapping[str, Any], wanted: Mapping[str, frozenset[str]]) -> float:
    """Part of the rate of the workloads wanted that has everything wanted; of prefill where the stage is prefill."""
    prefill = wanted.get("stage") == frozenset(("prefill",))
    part = whole = 0.0
    for placement in plan.get("placements", ()):
        deployment = plan["deployments"][placement["deployment"]]
        if deployment["workload"] in wanted["workload"] and (deployment["stage"] == "prefill") == prefill:
            served_per_s = sum(placement["served_per_s"].values())
            whole += served_per_s
            part += served_per_s if matches(("placement", deployment), wanted) else 0.0
    return part / whole if whole > 0 else 0.0
