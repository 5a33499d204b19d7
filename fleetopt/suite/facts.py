"""Facts about a plan, true or false with the words and figures that say so, and whether bounds prove them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import model_validator

from fleetopt.instance.base import Id, Section
from fleetopt.instance.overrides import Override
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.suite.look import Look, found
from fleetopt.suite.runs import PLANNED
from fleetopt.units import PowerKw, Share, Usd

State = Literal["holds", "does not hold", "infeasible", "unknown"]


class Fact(Section):
    """One thing that is true or false of a plan."""

    uses: Look | None = None
    """The plan uses it."""
    avoids: Look | None = None
    """There is a plan, and it does not use it."""
    feasible: bool | None = None
    """There is a plan (`true`), or there is proof that there is none (`false`)."""
    cost_above: Usd | None = None
    """The plan costs more than this."""
    cost_below: Usd | None = None
    """The plan costs less than this."""
    opens: Id | None = None
    """The plan opens this site."""
    power_above: PowerKw | None = None
    """The plan builds and leases more power than this."""
    unserved_above: Share | None = None
    """The plan leaves more requests unserved than this share of those it is asked for."""

    @property
    def kind(self) -> str:
        """Which fact it is."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)

    @property
    def look(self) -> Look | None:
        """What is looked for, where something is."""
        return self.uses or self.avoids

    @property
    def said(self) -> str:
        """In words: `uses cs-3 for chat`."""
        if self.look is not None:
            return f"{self.kind} {self.look.said}"
        if self.feasible is not None:
            return "has a plan" if self.feasible else "has no plan"
        if self.opens is not None:
            return f"opens {self.opens}"
        value = getattr(self, self.kind)
        limit = f"{value:,.0f} USD" if self.kind.startswith("cost") else f"{value:g} kW"
        if self.unserved_above is not None:
            limit = f"{100 * value:g} %"
        what = {"power": "builds", "unserved": "leaves unserved", "cost": "costs"}[self.kind.split("_")[0]]
        return f"{what} {'less' if self.kind == 'cost_below' else 'more'} than {limit}"

    def among(self, instance: Instance) -> Self:
        """The same, knowing the instance's systems and sites. Raises ValueError for a name it does not have."""
        if self.opens is not None and self.opens not in {s.id for s in instance.sites}:
            raise ValueError(
                f"there is no site {self.opens!r}; {did_you_mean(self.opens, [s.id for s in instance.sites])}"
            )
        look = self.look
        return self if look is None else self.model_copy(update={self.kind: look.among(instance)})

    @model_validator(mode="after")
    def _one_fact(self) -> Self:
        kinds = list(type(self).model_fields)
        if sum(getattr(self, name) is not None for name in kinds) != 1:
            raise ValueError(f"must say one of {', '.join(kinds)}")
        return self


@dataclass(frozen=True)
class Truth:
    """Whether a fact holds of one run."""

    state: State
    because: str
    proven: bool
    """Whether it follows from bounds alone, and not only from the plan that was found."""


def truth(fact: Fact, plan: Mapping[str, Any]) -> Truth:
    """Whether a fact holds of plan.json (`{}` where nothing was written)."""
    status = plan.get("status", "did not run")
    if fact.feasible is not None and status in (*PLANNED, "infeasible"):
        holds = (status in PLANNED) == fact.feasible
        return Truth("holds" if holds else "does not hold", f"it is {status}", True)
    if status == "infeasible":
        return Truth("infeasible", "there is no plan", True)
    if status not in PLANNED:
        return Truth("unknown", f"the run ended {status}", False)
    holds, because, proven = _looked_at(fact, plan)
    return Truth("holds" if holds else "does not hold", because, proven)


def _looked_at(fact: Fact, plan: Mapping[str, Any]) -> tuple[bool, str, bool]:
    if fact.look is not None:
        words = found(plan, fact.look)
        return bool(words) == (fact.uses is not None), words or f"no {fact.look.said.removeprefix('any ')}", False
    if fact.kind.startswith("cost"):
        cost, bound = float(plan["objective_usd"]), float(plan["bound_usd"])
        because = f"{cost:,.0f} USD (bound {bound:,.0f})"
        if fact.cost_above is not None:
            return cost > fact.cost_above, because, bound > fact.cost_above or cost <= fact.cost_above
        assert fact.cost_below is not None
        return cost < fact.cost_below, because, cost < fact.cost_below or bound >= fact.cost_below
    if fact.opens is not None:
        opened = [s["period"] for s in plan["sites_opened"] if s["site"] == fact.opens]
        return bool(opened), f"opened in {opened[0]}" if opened else "not opened", False
    if fact.power_above is not None:
        built_kw = sum(b["power_kw"] for b in plan["power_builds"])
        return built_kw > fact.power_above, f"{built_kw:,.0f} kW", False
    assert fact.unserved_above is not None
    part = _unserved_share(plan)
    return part > fact.unserved_above, f"{100 * part:.3g} % unserved", False


def _unserved_share(plan: Mapping[str, Any]) -> float:
    """Share of rates not served, mean over periods and slices; prefill is not counted beside its answers."""
    left = sum(u["rate_per_s"] for u in plan["unserved"])
    served = sum(
        sum(p["served_per_s"].values())
        for p in plan["placements"]
        if plan["deployments"][p["deployment"]]["stage"] != "prefill"
    )
    return float(left / (left + served)) if left > 0 else 0.0


def forbidding(fact: Fact, instance: Instance) -> tuple[Override, ...]:
    """Overrides under which what the fact looks for cannot be had; none where switches cannot say it.

    The cheapest plan under them, beside the cheapest without, says what the thing is worth.
    """
    look = fact.look
    if look is None or look.share is not None or look.units is not None:
        return ()
    wanted = look.wanted
    if wanted.keys() == {"system", "workload"}:
        return _kept_from(wanted["system"], wanted["workload"], instance)
    if wanted.keys() == {"stage", "workload"} and "aggregated" not in wanted["stage"]:
        return tuple(Override(f"workloads.{id_}.disaggregated", False) for id_ in sorted(wanted["workload"]))
    if wanted.keys() == {"vendor"}:
        wanted = {"system": frozenset(s.id for s in instance.systems if s.vendor in wanted["vendor"])}
    lists = {"system": "systems", "tier": "memory", "site": "sites"}
    if len(wanted) != 1 or next(iter(wanted)) not in lists:
        return ()
    [(name, ids)] = wanted.items()
    return tuple(Override(f"{lists[name]}.{id_}.enabled", False) for id_ in sorted(ids))


def _kept_from(systems: frozenset[str], workloads: frozenset[str], instance: Instance) -> tuple[Override, ...]:
    """Each workload allowed every system but these; nothing where one would be left without any."""
    found = []
    for workload in (w for w in instance.workloads if w.id in workloads):
        allowed = workload.systems or tuple(s.id for s in instance.systems)
        left = [id_ for id_ in allowed if id_ not in systems]
        if not left:
            return ()
        found.append(Override(f"workloads.{workload.id}.systems", left))
    return tuple(found)
