"""Looking things up in the catalogue: entries by filter, and one entry figure by figure."""

import difflib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from fleetopt.catalog.load import KINDS, entry, explained, ids, missing, search, series
from fleetopt.errors import UsageError

#: Figures that tell entries of a kind apart, with their unit, in the order they are shown.
_TELLING: dict[str, tuple[tuple[str, str], ...]] = {
    "chip": (
        ("memory_gb", "GB"),
        ("memory_kind", ""),
        ("memory_gb_s", "GB/s"),
        ("dense_tflops.bf16", "TFLOPS bf16"),
        ("dense_tflops.fp8", "fp8"),
        ("power_kw", "kW"),
    ),
    "system": (
        ("chips", "chips"),
        ("power_kw", "kW"),
        ("price.buy_usd", "USD"),
        ("rent.usd_per_h", "USD/h"),
        ("lead_months", "months"),
    ),
    "model": (("layers", "layers"), ("hidden", "wide"), ("experts.routed", "experts"), ("max_context", "tokens")),
    "memory": (("kind", ""), ("unit_gb", "GB a unit"), ("price.usd_per_gb", "USD/GB"), ("read_gb_s", "GB/s")),
    "power": (
        ("energy_usd_per_mwh", "USD/MWh"),
        ("capex_usd_per_kw", "USD/kW"),
        ("carbon_g_per_kwh", "g/kWh"),
        ("lead_months", "months"),
    ),
    "site": (("kind", ""), ("jurisdiction", ""), ("power.pue_average", "PUE")),
    "jurisdiction": (("country", ""),),
    "rule": (("since", ""), ("effect", ""), ("citation", "")),
    "duty": (("since", ""), ("rate", "of the list price")),
    "control": (("kind", ""), ("paragraph", ""), ("effective", "on"), ("status", ""), ("citation", "")),
    "group": (("members", ""),),
    "cpu": (("cores", "cores"), ("power_kw", "kW"), ("price_usd", "USD"), ("usd_per_thread_h", "USD/h a thread")),
    "component": (("usd_per_gb", "USD/GB"), ("w_per_gb", "W/GB"), ("latency_ns", "ns")),
    "session": (
        ("turns_per_task", "turns"),
        ("first_tokens", "tokens at first"),
        ("appended_tokens", "appended"),
        ("output_tokens", "generated a turn"),
    ),
    "region": (("carbon_g_per_kwh", "g/kWh"), ("hourly_carbon_free_share", "carbon-free")),
    "figure": (("value", ""), ("unit", "")),
}


@dataclass(frozen=True)
class Filters:
    """What to look for; an empty filter lets everything through."""

    text: str = ""
    vendor: str = ""
    memory_kind: str = ""
    min_memory_gb: float = 0.0
    priced: bool = False

    @property
    def any(self) -> bool:
        """Whether anything is asked for."""
        return self != Filters()

    def keep(self, fields: dict[str, Any]) -> bool:
        """Whether an entry passes; a system is judged by its chip where the chip has the figure."""
        chip = fields.get("chip", fields)
        priced = any(at(fields, path) is not None for path in _PRICES)
        return (
            self.vendor.lower() in str(fields.get("vendor", "")).lower()
            and self.memory_kind.lower() in ("", str(chip.get("memory_kind", "")).lower())
            and (not self.min_memory_gb or (chip.get("memory_gb") or 0.0) >= self.min_memory_gb)
            and (not self.priced or priced)
        )


_PRICES = ("price.buy_usd", "rent.usd_per_h", "price.usd_per_gb", "price.usd_per_gb_month", "price_usd")


@dataclass(frozen=True)
class Row:
    """One line of a listing."""

    kind: str
    id: str
    name: str
    figures: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def kinds() -> dict[str, int]:
    """How many entries there are of each kind."""
    return {kind: len(ids(kind)) for kind in KINDS}


def listing(kind: str | None, filters: Filters) -> tuple[Row, ...]:
    """Entries of a kind, or of all, that pass the filters, in the order of the catalogue.

    Raises UsageError for an unknown kind.
    """
    rows = []
    for of in (kind,) if kind is not None else KINDS:
        for id_ in search(of, filters.text):
            fields = entry(of, id_)
            if filters.keep(fields):
                rows.append(Row(of, id_, fields["name"], _told_apart(of, fields)))
    return tuple(rows)


def record(name: str, kind: str | None = None) -> dict[str, Any]:
    """Everything about an entry: its figures one by one, prices by date, what is missing, what is explained, its chip.

    Raises UsageError for an unknown name or kind.
    """
    of = _kind_of(name, kind)
    fields = entry(of, name)
    chip = fields.pop("chip", None)
    found = {
        "kind": of,
        "id": name,
        "name": fields["name"],
        "figures": list(_figures(fields)),
        "series": series(of, name),
        "missing": list(missing(of, name)),
        "explained": explained(of, name),
    }
    return found if chip is None else {**found, "chip": record(chip["id"], "chip")}


def at(fields: dict[str, Any], path: str) -> Any:
    """What stands at a dotted path, or None."""
    found: Any = fields
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def citation(provenance: dict[str, Any], path: str) -> dict[str, Any]:
    """The citation of a figure: its own, else that of the section it stands in, else `*`; empty where there is none."""
    while path:
        if path in provenance:
            found: dict[str, Any] = provenance[path]
            return found
        path = path.rpartition(".")[0]
    rest: dict[str, Any] = provenance.get("*", {})
    return rest


def _kind_of(name: str, kind: str | None) -> str:
    """The kind that has the name; of a system and a chip of one id the system, which shows its chip too."""
    known = {of: ids(of) for of in ((kind,) if kind else KINDS)}
    having = [of for of, names in known.items() if name in names]
    if not having:
        every = dict.fromkeys(id_ for names in known.values() for id_ in names)
        close = difflib.get_close_matches(name, every, n=3)
        hint = f"did you mean {' or '.join(map(repr, close))}?" if close else "try `fleetopt catalog list`"
        raise UsageError(f"the catalogue has no {kind or 'entry'} {name!r}; {hint}")
    return "system" if "system" in having else having[0]


def _told_apart(kind: str, fields: dict[str, Any]) -> str:
    """The figures that tell entries of the kind apart: `80 GB, HBM, 3,350 GB/s`."""
    parts = []
    for path, unit in _TELLING[kind]:
        value = at(fields, path)
        if value is not None:
            plain = f"{value:,.10g}" if isinstance(value, int | float) else str(value)
            parts.append(f"{plain} {unit}".rstrip())
    return ", ".join(parts)


def _figures(fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each value with the path it stands at and its citation."""
    provenance = fields["provenance"]
    values = {key: value for key, value in fields.items() if key not in ("id", "name", "provenance")}
    for path, value in _leaves(values, ""):
        cited = citation(provenance, path)
        yield {"figure": path, "value": value} | {
            key: cited.get(key) for key in ("range", "date", "confidence", "source", "note")
        }


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    else:
        yield path, value
