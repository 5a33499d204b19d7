"""Every catalogue entry against the schema, and every figure against its provenance."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
import yaml

from fleetopt.catalog.load import KINDS, entry, ids
from fleetopt.instance.base import Entity
from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.models import Model
from fleetopt.instance.sites import PowerSource, Site
from fleetopt.instance.systems import Chip, System
from fleetopt.instance.trade import Duty, ExportRule, Jurisdiction

CLASSES: dict[str, type[Entity]] = {
    "chip": Chip,
    "system": System,
    "model": Model,
    "memory": MemoryTier,
    "power": PowerSource,
    "jurisdiction": Jurisdiction,
    "rule": ExportRule,
    "duty": Duty,
    "site": Site,
}
ENTRIES = [(kind, id_) for kind in KINDS for id_ in ids(kind)]
every_entry = pytest.mark.parametrize(("kind", "id_"), ENTRIES, ids=[f"{kind}-{id_}" for kind, id_ in ENTRIES])


def figures(fields: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Dotted path and value of every number of an entry, those of an inlined chip apart."""
    if isinstance(fields, dict):
        for key, value in fields.items():
            if key not in ("provenance", "chip"):
                yield from figures(value, f"{path}.{key}" if path else key)
    elif isinstance(fields, int | float) and not isinstance(fields, bool):
        yield path, float(fields)


def citation(provenance: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The citation of a figure: its own, else that of the section it stands in, else `*`."""
    while path:
        if path in provenance:
            found: dict[str, Any] = provenance[path]
            return found
        path = path.rpartition(".")[0]
    return provenance.get("*")


def field_at(fields: dict[str, Any], path: str) -> Any:
    """What stands at a dotted path, or None."""
    found: Any = fields
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


@every_entry
def test_entry_is_valid(kind: str, id_: str) -> None:
    """Each entry is accepted by its schema class as it stands, which also refuses unknown fields and NaN."""
    assert CLASSES[kind].model_validate(entry(kind, id_)).id == id_


@every_entry
def test_every_figure_has_source_date_and_confidence(kind: str, id_: str) -> None:
    """No number is without a citation, and `unsourced` as the only source is said in the confidence too."""
    fields = entry(kind, id_)
    cited = {path: citation(fields["provenance"], path) for path, _ in figures(fields)} | fields["provenance"]
    assert cited
    for path, found in cited.items():
        assert found is not None, f"{path} has no provenance"
        assert all(found[key] for key in ("source", "date", "confidence")), path
        assert (found["source"] == "unsourced") == (found["confidence"] == "unsourced"), path
        assert "shared/" not in str(found), f"{path} cites a local path"


@every_entry
def test_ranges_hold_the_value(kind: str, id_: str) -> None:
    """A value lies within the range its citation keeps, and low is not above high."""
    fields = entry(kind, id_)
    values = dict(figures(fields))
    for path, found in fields["provenance"].items():
        if "range" in found and path != "*":
            low, high = found["range"]
            assert low <= values[path] <= high, path


@every_entry
def test_provenance_names_fields_of_the_entry(kind: str, id_: str) -> None:
    """Every citation but `*` belongs to a field that the entry has."""
    fields = entry(kind, id_)
    assert [path for path in fields["provenance"] if path != "*" and field_at(fields, path) is None] == []


@pytest.mark.parametrize("file_name", sorted(set(KINDS.values())))
def test_sources_are_all_used(file_name: str) -> None:
    """A file lists no source that none of its entries cites."""
    document = yaml.safe_load(files("fleetopt.catalog").joinpath(file_name).read_text(encoding="utf-8"))
    kinds = [kind for kind, name in KINDS.items() if name == file_name]
    citations = [c for kind in kinds for raw in document[kind].values() for c in raw["provenance"].values()]
    assert {key for c in citations for key in c["source"]} == set(document["sources"])
