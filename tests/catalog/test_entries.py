"""Every catalogue entry against the schema, and every figure against its provenance."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from fleetopt.catalog.listing import at, citation
from fleetopt.catalog.load import KINDS, REFERENCE_KINDS, entry, explained, ids, missing, series
from fleetopt.instance.base import Entity
from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.models import Model
from fleetopt.instance.sessions import Session
from fleetopt.instance.sites import PowerSource, Site
from fleetopt.instance.systems import Chip, System
from fleetopt.instance.trade import Duty, ExportRule, Jurisdiction
from fleetopt.policy.controls import Control, Group

CLASSES: dict[str, type[Entity]] = {
    "chip": Chip,
    "system": System,
    "model": Model,
    "memory": MemoryTier,
    "power": PowerSource,
    "jurisdiction": Jurisdiction,
    "rule": ExportRule,
    "duty": Duty,
    "control": Control,
    "group": Group,
    "site": Site,
    "session": Session,
}
#: Fields of the kinds that no schema class describes: figures by name, unit included, and text.
REFERENCE_FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "cpu": (
        {"cores", "threads", "power_kw", "l3_mb", "memory_gb", "memory_gb_s", "pcie5_lanes", "chip_link_gb_s"}
        | {"price_usd", "usd_per_thread_h"},
        {"vendor"},
    ),
    "component": ({"usd_per_gb", "stack_gb", "stack_gb_s", "w_per_gb", "latency_ns"}, set()),
    "region": ({"carbon_g_per_kwh", "hourly_carbon_free_share"}, set()),
    "figure": ({"value"}, {"unit", "for_field"}),
}
ENTRIES = [(kind, id_) for kind in KINDS for id_ in ids(kind)]
every_entry = pytest.mark.parametrize(("kind", "id_"), ENTRIES, ids=[f"{kind}-{id_}" for kind, id_ in ENTRIES])


@cache
def document(file_name: str) -> dict[str, Any]:
    """A catalogue file as it is written, read once."""
    read: dict[str, Any] = yaml.safe_load(files("fleetopt.catalog").joinpath(file_name).read_text(encoding="utf-8"))
    return read


def figures(fields: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Dotted path and value of every number of an entry, in lists too; those of an inlined chip apart."""
    if isinstance(fields, dict):
        for key, value in fields.items():
            if key not in ("provenance", "chip"):
                yield from figures(value, f"{path}.{key}" if path else key)
    elif isinstance(fields, list):
        for value in fields:
            yield from figures(value, path)
    elif isinstance(fields, int | float) and not isinstance(fields, bool):
        yield path, float(fields)


@pytest.mark.parametrize(("kind", "id_"), [(kind, id_) for kind, id_ in ENTRIES if kind in CLASSES])
def test_entry_is_valid(kind: str, id_: str) -> None:
    """Each entry is accepted by its schema class, unknown fields and NaN refused; what it lacks is said as missing."""
    fields = entry(kind, id_)
    lacking = missing(kind, id_) or (
        tuple(f"chip.{path}" for path in missing("chip", fields["chip"]["id"])) if "chip" in fields else ()
    )
    if not lacking:
        assert CLASSES[kind].model_validate(fields).id == id_
        return
    with pytest.raises(ValidationError) as refused:
        CLASSES[kind].model_validate(fields)
    wrong = {".".join(map(str, error["loc"])): error["type"] for error in refused.value.errors()}
    assert wrong == dict.fromkeys(lacking, "missing")


@pytest.mark.parametrize(("kind", "id_"), [(kind, id_) for kind, id_ in ENTRIES if kind in REFERENCE_KINDS])
def test_reference_entry_is_valid(kind: str, id_: str) -> None:
    """An entry that no schema class describes has known fields only: numbers not below 0, and text."""
    numbers, texts = REFERENCE_FIELDS[kind]
    given = {key: value for key, value in entry(kind, id_).items() if key not in ("id", "name", "provenance")}
    assert set(given) <= numbers | texts
    for key, value in given.items():
        assert isinstance(value, str) if key in texts else value >= 0, key


def test_every_kind_is_tested() -> None:
    """A kind has a schema class or a list of fields."""
    assert set(CLASSES) | REFERENCE_KINDS == set(KINDS)
    assert set(REFERENCE_FIELDS) == REFERENCE_KINDS


@every_entry
def test_every_figure_has_source_date_and_confidence(kind: str, id_: str) -> None:
    """No number is without a citation, and `unsourced` as the only source is said in the confidence too."""
    fields = entry(kind, id_)
    cited = {path: citation(fields["provenance"], path) for path, _ in figures(fields)} | fields["provenance"]
    cited |= {f"{path} {point['since']}": point for path, points in series(kind, id_).items() for point in points}
    assert cited
    for path, found in cited.items():
        assert found, f"{path} has no provenance"
        assert all(found[key] for key in ("source", "date", "confidence")), path
        assert (found["source"] == "unsourced") == (found["confidence"] == "unsourced"), path
        assert "shared/" not in str(found), f"{path} cites a local path"


@every_entry
def test_series_go_forward_to_the_value(kind: str, id_: str) -> None:
    """The dates of a series follow each other and are quarters, and the value of the entry is one of the series."""
    for path, points in series(kind, id_).items():
        since = [point["since"] for point in points]
        assert since == sorted(set(since))
        assert all(len(quarter) == 6 and quarter[4] == "q" for quarter in since)
        assert at(entry(kind, id_), path) in [point["value"] for point in points]
        for point in points:
            low, high = point.get("range", (point["value"], point["value"]))
            assert low <= point["value"] <= high


@every_entry
def test_only_known_keys(kind: str, id_: str) -> None:
    """An entry says nothing under a key that nothing reads."""
    assert set(document(KINDS[kind])[kind][id_]) <= {"name", "values", "provenance", "missing", "series", "explained"}
    assert all(explained(kind, id_).values())


@every_entry
def test_ranges_hold_the_value(kind: str, id_: str) -> None:
    """A value lies within the range its citation keeps, and low is not above high."""
    fields = entry(kind, id_)
    values = dict(figures(fields))
    for path, found in fields["provenance"].items():
        if "range" in found:
            assert path != "*", "a range belongs to one figure"
            low, high = found["range"]
            assert low <= values[path] <= high, path


@every_entry
def test_provenance_names_fields_of_the_entry(kind: str, id_: str) -> None:
    """Every citation but `*` belongs to a field that the entry has."""
    fields = entry(kind, id_)
    assert [path for path in fields["provenance"] if path != "*" and at(fields, path) is None] == []


@pytest.mark.parametrize("file_name", sorted(set(KINDS.values())))
def test_sources_are_all_used(file_name: str) -> None:
    """A file lists no source that none of its entries cites."""
    kinds = [kind for kind, name in KINDS.items() if name == file_name]
    entries = [raw for kind in kinds for raw in document(file_name)[kind].values()]
    citations = [c for raw in entries for c in raw["provenance"].values()]
    citations += [point for raw in entries for points in raw.get("series", {}).values() for point in points]
    assert {key for c in citations for key in c["source"]} == set(document(file_name)["sources"])
