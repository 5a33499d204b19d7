"""Catalogue references: `use: <id>` with overrides in place, or the id alone, replaced by the entry they name.

An overridden figure loses the catalogue's provenance and gets "the instance" as its source.
"""

from typing import Any

from fleetopt.catalog import load as catalog
from fleetopt.errors import FleetoptError
from fleetopt.instance.located import Finding, Lines, Path, Place, mappings
from fleetopt.instance.series import with_series
from fleetopt.instance.suggest import did_you_mean

USE = "use"
#: Where entities may come from the catalogue: section path and kind of entry.
SECTIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("jurisdictions",), "jurisdiction"),
    (("trade", "rules"), "rule"),
    (("trade", "duties"), "duty"),
    (("models",), "model"),
    (("systems",), "system"),
    (("memory",), "memory"),
    (("sites",), "site"),
)
GIVEN = {"source": "the instance", "confidence": "given"}
_NOT_FIGURES = frozenset({"id", "name", "enabled", "provenance"})


def resolve(data: dict[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """`data` with every reference into the catalogue replaced; entities written out in full stay as they are."""
    findings: list[Finding] = []
    resolved = dict(data)
    for section, kind in SECTIONS:
        resolved = _in_section(resolved, section, (), kind, findings)
    if isinstance(resolved.get("sites"), list):
        resolved["sites"] = [
            _in_section(site, ("power", "sources"), ("sites", s), "power", findings) if isinstance(site, dict) else site
            for s, site in enumerate(resolved["sites"])
        ]
    if isinstance(resolved.get("workloads"), list):
        resolved["workloads"] = [_with_session(w, n, findings) for n, w in enumerate(resolved["workloads"])]
    return resolved, findings


def _with_session(workload: Any, number: int, findings: list[Finding]) -> Any:
    """A workload with the catalogue's session in place, where it names one."""
    if not isinstance(workload, dict) or not _is_reference(workload.get("session")):
        return workload
    at: Path = ("workloads", number, "session")
    return {**workload, "session": _entity(workload["session"], "session", at, findings)}


def _in_section(
    data: dict[str, Any], section: tuple[str, ...], at: Path, kind: str, findings: list[Finding]
) -> dict[str, Any]:
    """`data` with the list at `section` below it resolved; anything unexpected is left to the schema."""
    key, here = section[0], (*at, section[0])
    inner = data.get(key)
    if len(section) > 1:
        if not isinstance(inner, dict):
            return data
        return {**data, key: _in_section(inner, section[1:], here, kind, findings)}
    if not isinstance(inner, list):
        return data
    return {**data, key: [_entity(item, kind, (*here, i), findings) for i, item in enumerate(inner)]}


def _entity(item: Any, kind: str, at: Path, findings: list[Finding]) -> Any:
    """One entity with its reference, and that of its chip, resolved."""
    if isinstance(item, str):
        item = {USE: item}
    if not isinstance(item, dict):
        return item
    given = {key: value for key, value in item.items() if key != USE}
    if USE in item:
        entry = _entry(item[USE], kind, (*at, USE), findings)
        if entry is None:
            return given
    else:
        entry = None
    if kind == "system" and _is_reference(given.get("chip")):
        chip = _entity(given["chip"], "chip", (*at, "chip"), findings)
        given = {**given, "chip": chip}
        entry = entry and {**entry, "chip": None}
    merged = given if entry is None else overlay(entry, given)
    return with_series(merged, kind, item.get(USE, item.get("id")), at, findings)


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and USE in value)


def _entry(name: Any, kind: str, at: Path, findings: list[Finding]) -> dict[str, Any] | None:
    if not isinstance(name, str):
        findings.append(Finding(at, "the id of a catalogue entry is meant", did_you_mean("", catalog.ids(kind))))
        return None
    try:
        return catalog.entry(kind, name)
    except (FleetoptError, KeyError):
        hint = did_you_mean(name, catalog.ids(kind), "try writing it out")
        findings.append(Finding(at, f"the catalogue has no {kind} {name!r}", hint))
        return None


def overlay(entry: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A catalogue entry with the fields given in the instance laid over it, section by section."""
    merged, changed = dict(entry), []
    for key, value in given.items():
        below = entry.get(key)
        if key == "provenance":
            continue
        if isinstance(value, dict) and isinstance(below, dict) and "id" in below:
            merged[key] = overlay(below, value)
        elif isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merge(below, value)
            changed += [f"{key}.{leaf}" for leaf in _leaves(value)]
        else:
            merged[key] = value
            changed.append(key)
    provenance = stamp(entry.get("provenance", {}), [path for path in changed if path not in _NOT_FIGURES])
    own = given.get("provenance", {})
    merged["provenance"] = {**provenance, **own} if isinstance(own, dict) else own
    return merged


def stamp(provenance: dict[str, Any], changed: list[str]) -> dict[str, Any]:
    """Provenance after the figures at the dotted paths `changed` were given by the instance."""
    kept = {
        path: source
        for path, source in provenance.items()
        if not any(path == gone or path.startswith(gone + ".") for gone in changed)
    }
    return {**kept, **{path: dict(GIVEN) for path in changed}}


def _merge(below: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, inner in value.items():
        old = merged.get(key)
        merged[key] = _merge(old, inner) if isinstance(old, dict) and isinstance(inner, dict) else inner
    return merged


def _leaves(value: dict[str, Any]) -> list[str]:
    """Dotted paths of the values below a mapping."""
    found = []
    for key, inner in value.items():
        found += [f"{key}.{leaf}" for leaf in _leaves(inner)] if isinstance(inner, dict) else [key]
    return found


def add_models(data: dict[str, Any], lines: Lines) -> tuple[dict[str, Any], Lines]:
    """`data` with the catalogue's entry for each model that a workload names, or drafts with, and `models` lacks."""
    models = data.get("models", [])
    if not isinstance(models, list):
        return data, lines
    known = {model.get("id") for _, model in mappings(models) if isinstance(model.get("id"), str)}
    added = list(models)
    places: dict[Path, Place] = {}
    named: list[tuple[Path, Any]] = [
        (("workloads", index, "model"), workload.get("model")) for index, workload in mappings(data.get("workloads"))
    ]
    for path, name in [*named, *_draft_models(data)]:
        if isinstance(name, str) and name not in known and name in catalog.ids("model"):
            places[("models", len(added))] = lines.place(path)
            added.append(catalog.entry("model", name))
            known.add(name)
    return {**data, "models": added} if places else data, lines.adding(places)


def _draft_models(data: dict[str, Any]) -> list[tuple[Path, Any]]:
    """Models that speculative decoding drafts with, as named."""
    prediction = data.get("prediction")
    speculative = prediction.get("speculative") if isinstance(prediction, dict) else None
    if not isinstance(speculative, dict):
        return []
    return [
        (("prediction", "speculative", name, "draft_model"), each.get("draft_model"))
        for name, each in speculative.items()
        if isinstance(each, dict)
    ]
