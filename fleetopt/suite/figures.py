"""Figures of a plan by name, as texts of a thesis call them: `cost`, `bought.cs-3`, `share.chat.cs-3`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.report.page.cells import amount, brief
from fleetopt.report.text import memory, power, share
from fleetopt.suite.look import rate_share
from fleetopt.suite.parameter import shown
from fleetopt.suite.runs import PLANNED

Plan = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A number with what it is of, or a text."""

    value: float | str
    unit: str = ""
    """`USD`, `share`, `kW`, `GB`, `s`, ... as fields have it; empty for plain numbers, counts and texts."""
    nothing: bool = False
    """Whether the text stands for a number that there is not: a flip that was not found."""

    @property
    def said(self) -> str:
        """For people."""
        if isinstance(self.value, str):
            return self.value
        if self.unit in _SHOWN:
            return _SHOWN[self.unit](self.value)
        return shown(self.value, self.unit) if self.unit else amount(self.value)


_SHOWN: Mapping[str, Callable[[float], str]] = {"USD": brief, "share": share, "kW": power, "GB": memory}
MISSING = Figure("–")
"""What stands where a run has no plan."""


@dataclass(frozen=True)
class Names:
    """What figures of one instance may be asked for."""

    systems: frozenset[str]
    workloads: frozenset[str]
    tiers: frozenset[str]
    sites: frozenset[str]
    sources: frozenset[str]


def names(instance: Instance) -> Names:
    """The names of an instance."""
    return Names(
        frozenset(s.id for s in instance.systems),
        frozenset(w.id for w in instance.workloads),
        frozenset(m.id for m in instance.memory),
        frozenset(s.id for s in instance.sites),
        frozenset(["lease", *(e.id for s in instance.sites for e in s.power.sources)]),
    )


def _sum(lines: Iterable[Mapping[str, Any]], key: str, **wanted: str) -> float:
    return float(sum(line[key] for line in lines if all(line[name] == value for name, value in wanted.items())))


def _share(plan: Plan, workload: str, system: str) -> float:
    return rate_share(plan, {"workload": frozenset((workload,)), "system": frozenset((system,))})


def _prefill(plan: Plan, workload: str, system: str) -> float:
    return rate_share(
        plan,
        {"workload": frozenset((workload,)), "system": frozenset((system,)), "stage": frozenset(("prefill",))},
    )


def _pools(plan: Plan, workload: str) -> float:
    return rate_share(plan, {"workload": frozenset((workload,)), "stage": frozenset(("decode",))})


def _at(plan: Plan, workload: str, site: str) -> float:
    return rate_share(plan, {"workload": frozenset((workload,)), "site": frozenset((site,))})


def main_system(plan: Plan, workload: str) -> str:
    """The system that serves most of a workload, or trains it; a dash for none."""
    trained = [run["system"] for run in plan["training_runs"] if run["workload"] == workload]
    systems = {d["system"] for d in plan["deployments"].values() if d["workload"] == workload}
    parts = {system: _share(plan, workload, system) for system in sorted(systems)}
    return max(parts, key=parts.__getitem__) if parts else trained[0] if trained else "–"


def _opened(plan: Plan, site: str) -> str:
    return next((str(s["period"]) for s in plan["sites_opened"] if s["site"] == site), "never")


@dataclass(frozen=True)
class _Reader:
    """How a figure is read: its unit, the names it takes, and the reading."""

    unit: str
    takes: tuple[str, ...]
    """Fields of Names, one for each further step; empty for none, `*` for any name."""
    read: Callable[..., float | str]
    optional: bool = False
    """Whether its last name may be left out: then over all of them."""


def _counts(key: str, **wanted: str) -> Callable[..., float]:
    def read(plan: Plan, system: str = "") -> float:
        return _sum(plan["purchases"], key, **wanted, **({"system": system} if system else {}))

    return read


_READERS: Mapping[str, _Reader] = {
    "cost": _Reader("USD", (), lambda p: float(p["objective_usd"])),
    "bound": _Reader("USD", (), lambda p: float(p["bound_usd"])),
    "gap": _Reader("share", (), lambda p: float(p["gap"])),
    "line": _Reader("USD", ("*",), lambda p, line: float(p["cost_lines"].get(line, 0.0))),
    "bought": _Reader("", ("systems",), _counts("units", acquisition="buy"), optional=True),
    "rented": _Reader("", ("systems",), _counts("units", acquisition="rent"), optional=True),
    "units": _Reader("", ("systems",), _counts("units"), optional=True),
    "chips": _Reader("", ("systems",), _counts("chips"), optional=True),
    "spent": _Reader("USD", ("systems",), _counts("cost_usd"), optional=True),
    "share": _Reader("share", ("workloads", "systems"), _share),
    "prefill_share": _Reader("share", ("workloads", "systems"), _prefill),
    "pools": _Reader("share", ("workloads",), _pools),
    "site_share": _Reader("share", ("workloads", "sites"), _at),
    "main": _Reader("", ("workloads",), main_system),
    "memory": _Reader("GB", ("tiers",), lambda p, tier: _sum(p["memory_purchases"], "gb", tier=tier)),
    "parked": _Reader("GB", ("tiers",), lambda p, tier: _sum(p["parked"], "gb", tier=tier)),
    "power": _Reader(
        "kW",
        ("sources",),
        lambda p, source="": _sum(p["power_builds"], "power_kw", **({"source": source} if source else {})),
        optional=True,
    ),
    "opened": _Reader("", ("sites",), _opened),
    "unserved": _Reader("", ("workloads",), lambda p, workload: _sum(p["unserved"], "requests", workload=workload)),
}


TEXTS = ("status", "main", "opened")
"""Figures that are words."""


def figure(plan: Plan, steps: tuple[str, ...]) -> Figure:
    """The figure of a plan (or digest) by its name and the names it takes; a dash where there is no plan.

    Raises ValueError for a figure that there is none of.
    """
    if steps == ("status",):
        return Figure(str(plan.get("status", "did not run")))
    reader = _reader(steps)
    if plan.get("status") not in PLANNED:
        return MISSING
    return Figure(reader.read(plan, *_taken(reader, steps[1:], _known(plan))), reader.unit)


def check(steps: tuple[str, ...], known: Names) -> None:
    """Raise ValueError where an instance has no such figure."""
    if steps == ("status",):
        return
    reader = _reader(steps)
    for taken, field in zip(_taken(reader, steps[1:], known.workloads), reader.takes, strict=False):
        there = getattr(known, field) if field != "*" else {taken}
        if taken not in there:
            raise ValueError(f"there is no {field.removesuffix('s')} {taken!r}; {did_you_mean(taken, there)}")


def _reader(steps: tuple[str, ...]) -> _Reader:
    name = steps[0] if steps else ""
    if name not in _READERS:
        raise ValueError(f"there is no figure {name!r} of a plan; {did_you_mean(name, [*_READERS, 'status'])}")
    return _READERS[name]


def _taken(reader: _Reader, steps: tuple[str, ...], workloads: Iterable[str]) -> tuple[str, ...]:
    """The names a figure takes; ids may hold dots, so of two names the first is a workload that is known."""
    rest = ".".join(steps)
    if not rest and (reader.optional or not reader.takes):
        return ()
    if not rest or not reader.takes:
        raise ValueError(f"takes {' and '.join(reader.takes) or 'nothing'} after its name, and has {rest or 'nothing'}")
    if len(reader.takes) == 1:
        return (rest,)
    first = next((w for w in sorted(workloads) if rest.startswith(f"{w}.")), rest.partition(".")[0])
    second = rest[len(first) + 1 :]
    if not second:
        raise ValueError(f"takes {' and '.join(reader.takes)} after its name, and has {rest}")
    return first, second


def _known(plan: Plan) -> set[str]:
    return {d["workload"] for d in plan["deployments"].values()}


def split_name(steps: tuple[str, ...], known: Iterable[str], kind: str) -> tuple[str, tuple[str, ...]]:
    """A name, which may hold dots, and what follows it. Raises ValueError for a name that is not known."""
    there = list(known)
    for end in range(len(steps), 0, -1):
        if ".".join(steps[:end]) in there:
            return ".".join(steps[:end]), steps[end:]
    wrong = steps[0] if steps else ""
    raise ValueError(f"there is no {kind} {wrong!r}; {did_you_mean(wrong, there)}")
