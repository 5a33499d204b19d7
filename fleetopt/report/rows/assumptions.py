"""The figures a plan rests on, each with where it comes from: source, date, confidence and range.

Only what the plan uses: systems in place or ordered, sites that are open or have anything on them, tiers that hold
anything, workloads and their models. A catalogue figure keeps its provenance in resolved.yaml; one that the instance
gives says so, and one that nobody gave is fleetopt's default.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel

from fleetopt.catalog import load as catalog
from fleetopt.catalog.listing import citation
from fleetopt.instance import shape
from fleetopt.instance.base import Entity
from fleetopt.report.rows.book import Book
from fleetopt.report.rows.table import Column, Table, table

SAID = (
    "Figures the plan rests on, where they come from, how old they are and how far to trust them; ranges where the "
    "source gives one. Filter on confidence to find what to check before signing."
)
INSTANCE, DEFAULT, FITTED = "the instance", "fleetopt's default, or the instance", "fleetopt's fit to measurements"
NEUTRAL = frozenset({"scale", "energy_scale", "launch_scale"})
"""Factors that say nothing while they are 1."""
SHOWN = 6
"""Values of a series that are written out."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """One figure."""

    subject: Annotated[str, Column("Of")]
    name: Annotated[str, Column("Name")]
    figure: Annotated[str, Column("Figure")]
    value: Annotated[float | str, Column("Value", "plain")]
    unit: Annotated[str | None, Column("Unit")]
    origin: Annotated[str, Column("Given by", note="The catalogue, the instance, or fleetopt.")]
    source: Annotated[str | None, Column("Source")]
    date: Annotated[str | None, Column("Date", note="Of the source or the figure, as far as known.")]
    confidence: Annotated[str | None, Column("Confidence")]
    low: Annotated[float | None, Column("Low", "plain")]
    high: Annotated[float | None, Column("High", "plain")]
    note: Annotated[str | None, Column("Note")]
    id: Annotated[str, Column("Item id")]


@dataclass(frozen=True, slots=True)
class _Subject:
    """A part of the instance whose figures are listed."""

    kind: str
    name: str
    id: str
    part: BaseModel
    entry: str = ""
    """Kind of catalogue entry it may come from."""
    owned: str = INSTANCE
    """Who gives its figures where there is no provenance."""


def assumptions_table(book: Book) -> Table:
    """Rows by kind of thing, thing and figure."""
    rows = [row for subject in _subjects(book) for row in _figures(subject)]
    return table("assumptions", "Assumptions", SAID, Assumption, rows)


def _subjects(book: Book) -> Iterator[_Subject]:
    """What the plan uses, in the order of an instance."""
    instance, used = book.instance, _used(book)
    yield _Subject("finance", "cost of capital and carbon", "finance", instance.finance)
    for licence in (x for x in instance.trade.licences if x.enabled):
        yield _of("licence", licence)
    for duty in (x for x in instance.trade.duties if x.enabled):
        yield _of("duty", duty, "duty")
    for rule in (x for x in instance.trade.rules if x.enabled):
        yield _of("export rule", rule, "rule")
    for link in instance.network.links:
        yield _Subject("network link", f"{link.a} to {link.b}", f"{link.a}-{link.b}", link)
    workloads = [w for w in instance.workloads if w.enabled]
    for m in (m for m in instance.models if m.id in {w.model for w in workloads}):
        yield _of("model", m, "model")
    for w in workloads:
        yield _of("workload", w)
        for b in w.buckets:
            yield _Subject("request size", f"{w.name or w.id}, {b.id}", f"{w.id}.{b.id}", b)
        for d in w.demand.regions:
            yield _Subject("demand", f"{w.name or w.id} from {d.region}", f"{w.id}.{d.region}", d)
    for s in (s for s in instance.systems if s.id in used["system"]):
        yield _of("system", s, "system")
        if s.chip is not None:
            yield _of("chip", s.chip, "chip")
    for t in (t for t in instance.memory if t.id in used["tier"]):
        yield _of("memory", t, "memory")
    for site in (s for s in instance.sites if s.id in used["site"]):
        yield _of("site", site, "site")
        for e in (e for e in site.power.sources if e.enabled):
            name = f"{e.name or e.id} at {site.name or site.id}"
            yield _Subject("power source", name, f"{site.id}.{e.id}", e, "power")
    for x in (x for x in instance.supply.limits if x.enabled):
        yield _of("supply limit", x)
    yield _Subject("prediction", "constants", "prediction", instance.prediction, owned=FITTED)


def _of(kind: str, part: Entity, entry: str = "") -> _Subject:
    return _Subject(kind, part.name or part.id, part.id, part, entry)


def _used(book: Book) -> dict[str, set[str]]:
    plan = book.plan
    at = {e.site for e in plan.installed} | {b.site for b in plan.power_builds} | {p.site for p in plan.purchases}
    standing = {s.id for s in book.instance.sites if s.enabled and s.opening is None}
    return {
        "system": {e.system for e in plan.installed} | {p.system for p in plan.purchases},
        "tier": {p.tier for p in plan.parked} | {m.tier for m in plan.memory_purchases},
        "site": at | {o.site for o in plan.sites_opened} | standing,
    }


def _figures(subject: _Subject) -> Iterator[Assumption]:
    """A row for each figure of a subject, its nested sections included; entities within it are their own subjects."""
    provenance = subject.part.provenance if isinstance(subject.part, Entity) else {}
    sources = {path: cited.model_dump() for path, cited in provenance.items()}
    stated = _stated(subject.entry, subject.id.rsplit(".", 1)[-1])
    for path, value, unit, is_default in _leaves(subject.part, ""):
        cited = citation(sources, path)
        if is_default and (not cited or (path not in sources and stated is not None and path not in stated)):
            cited, origin = {}, subject.owned if subject.owned != INSTANCE else DEFAULT
        elif not cited or cited["source"] == INSTANCE:
            origin = INSTANCE
        else:
            origin = "the catalogue" if subject.entry else INSTANCE
        low, high = cited.get("range") or (None, None)
        yield Assumption(
            subject=subject.kind,
            name=subject.name,
            figure=path,
            value=value,
            unit=unit,
            origin=origin,
            source=cited.get("source"),
            date=cited.get("date"),
            confidence=cited.get("confidence"),
            low=low,
            high=high,
            note=cited.get("note"),
            id=subject.id,
        )


def _stated(kind: str, id_: str) -> set[str] | None:
    """Paths of the figures that a catalogue entry gives; None where there is no such entry."""
    if not kind or id_ not in catalog.ids(kind):
        return None
    return set(_paths(catalog.entry(kind, id_), ""))


def _paths(data: Any, at: str) -> Iterator[str]:
    for key, value in data.items():
        yield f"{at}{key}"
        if isinstance(value, dict):
            yield from _paths(value, f"{at}{key}.")


def _leaves(part: BaseModel, at: str) -> Iterator[tuple[str, float | str, str | None, bool]]:
    """(path, value, unit, whether it is the schema's default) of the figures of a section."""
    for name, hint in shape.fields(type(part)).items():
        value = getattr(part, name)
        default = type(part).model_fields[name].get_default(call_default_factory=True)
        if isinstance(value, BaseModel) and not isinstance(value, Entity):
            yield from _leaves(value, f"{at}{name}.")
        elif name in NEUTRAL and value == 1.0:
            continue
        elif (said := _value(value)) is not None:
            yield f"{at}{name}", said, _unit(hint), bool(value == default)


def _value(value: Any) -> float | str | None:
    """A number, or a series as text; None for what is no figure."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, tuple) and value:
        if all(isinstance(v, int | float) for v in value):
            return _series(f"{v:.6g}" for v in value)
        dated = [v for v in value if hasattr(v, "since") and not isinstance(v, Entity)]
        return _series(f"{v.since}: {_price(v):.6g}" for v in dated) if len(dated) == len(value) else None
    if isinstance(value, dict) and value and all(isinstance(v, int | float) for v in value.values()):
        return _series(f"{key}: {v:.6g}" for key, v in value.items())
    return None


def _price(point: BaseModel) -> float:
    """The figure of a dated price."""
    return next(float(v) for name, v in point if name != "since")


def _series(parts: Iterable[str]) -> str:
    found = list(parts)
    if len(found) <= SHOWN:
        return ", ".join(found)
    return f"{', '.join(found[: SHOWN - 1])}, … {found[-1]} ({len(found)} values)"


def _unit(hint: Any) -> str | None:
    """The unit of a figure or of what a series is made of."""
    return shape.unit(hint)
