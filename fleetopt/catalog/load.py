"""Reads the packaged reference data: plain dictionaries, every figure with source, date and confidence.

An entry in a file has a `name`, `values` (fields of the schema class, canonical units) and `provenance` by field path
(`*` for every other figure). Sources are listed once a file and cited by key; `entry` writes them out. It may also have
`missing` (fields that no source gives), `series` (prices by date, by field path) and `explained` (why a figure that
looks odd stands as it is); `record` gives those too.
"""

import difflib
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from fleetopt.errors import UsageError

#: Kinds of entry, with the file that holds them.
KINDS: dict[str, str] = {
    "chip": "chips.yaml",
    "system": "systems.yaml",
    "model": "models.yaml",
    "memory": "memory.yaml",
    "power": "power.yaml",
    "site": "sites.yaml",
    "jurisdiction": "trade.yaml",
    "rule": "trade.yaml",
    "duty": "trade.yaml",
    "control": "export.yaml",
    "group": "export.yaml",
    "cpu": "parts.yaml",
    "component": "parts.yaml",
    "session": "sessions.yaml",
    "region": "regions.yaml",
    "figure": "figures.yaml",
}
#: Kinds to read and copy figures from; an instance uses the others by their id.
REFERENCE_KINDS = frozenset({"cpu", "component", "region", "figure"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def ids(kind: str) -> tuple[str, ...]:
    """Ids of that kind, in the order of the file."""
    return tuple(_document(kind)[kind])


def entry(kind: str, id_: str) -> dict[str, Any]:
    """A fresh copy of one entry: id, name, fields and written-out provenance; a system's chip is inlined whole.

    Raises UsageError for an unknown kind or id.
    """
    document = _document(kind)
    raw = _raw(kind, id_)
    fields = {"id": id_, "name": raw["name"], **deepcopy(raw["values"])}
    if kind == "system" and "chip" in fields:
        fields["chip"] = entry("chip", fields["chip"])
    fields["provenance"] = {
        path: _written_out(citation, document["sources"]) for path, citation in raw["provenance"].items()
    }
    return fields


def missing(kind: str, id_: str) -> tuple[str, ...]:
    """Fields that no source gives, and that an instance which uses the entry must give."""
    return tuple(_raw(kind, id_).get("missing", ()))


def series(kind: str, id_: str) -> dict[str, list[dict[str, Any]]]:
    """Dated values by field path: `since` (a quarter), `value` and the written-out citation, in order of date."""
    sources = _document(kind)["sources"]
    return {
        path: [_written_out(point, sources) | {"date": point.get("date", point["since"])} for point in points]
        for path, points in _raw(kind, id_).get("series", {}).items()
    }


def explained(kind: str, id_: str) -> dict[str, str]:
    """Why the entry is an outlier, by the measure of `plausibility` that says so."""
    return dict(_raw(kind, id_).get("explained", {}))


def search(kind: str, text: str) -> tuple[str, ...]:
    """Ids whose id, name or vendor contain every word of `text`, without regard to case."""
    words = text.lower().split()
    entries = _document(kind)[kind]
    return tuple(id_ for id_, raw in entries.items() if all(word in _searchable(id_, raw) for word in words))


def calibration() -> dict[str, Any]:
    """Constants of the prediction as `nox -s fidelity` fitted them: `constants`, `libraries`, `engines`, `bands`."""
    return deepcopy(_read("calibration.yaml"))


def row_table(file_name: str) -> list[str]:
    """Lines of a packaged table of specifications, comments left out."""
    text = files("fleetopt.catalog").joinpath(file_name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _searchable(id_: str, raw: dict[str, Any]) -> str:
    return f"{id_} {raw['name']} {raw['values'].get('vendor', '')}".lower()


def _raw(kind: str, id_: str) -> dict[str, Any]:
    entries = _document(kind)[kind]
    if id_ not in entries:
        raise UsageError(f"the catalogue has no {kind} {id_!r}; {_suggestion(id_, ids(kind))}")
    raw: dict[str, Any] = entries[id_]
    return raw


def _written_out(citation: dict[str, Any], sources: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The citation with its source keys replaced by the documents, dated by them unless it has a date of its own."""
    cited = [sources[key] for key in citation["source"]]
    dates = dict.fromkeys(source["date"] for source in cited)
    document = "; ".join(source["document"] for source in cited)
    return {"date": ", ".join(dates), **deepcopy(citation), "source": document}


def _document(kind: str) -> dict[str, Any]:
    if kind not in KINDS:
        raise UsageError(f"the catalogue has no kind {kind!r}; {_suggestion(kind, tuple(KINDS))}")
    return _read(KINDS[kind])


@cache
def _read(file_name: str) -> dict[str, Any]:
    """One catalogue file, parsed once; callers copy what they hand out."""
    text = files("fleetopt.catalog").joinpath(file_name).read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, Loader=_LOADER)  # a safe loader in either case
    return document


def _suggestion(wrong: str, known: tuple[str, ...]) -> str:
    """A hint: the closest of `known`, else all of them."""
    close = difflib.get_close_matches(wrong, known, n=1)
    return f"did you mean {close[0]!r}?" if close else "try one of " + ", ".join(known)
