"""What the files of an Inferno case say, read and checked; every problem said at once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleetopt.errors import InputError, Issue
from fleetopt.imports.json_text import read_json
from fleetopt.imports.reading import Reading
from fleetopt.instance.located import Path as At

PARTS = {
    "accelerator": ("acceleratorData", "accelerators", True),
    "model": ("modelData", "models", True),
    "serviceclass": ("serviceClassData", "serviceClasses", True),
    "server": ("serverData", "servers", True),
    "capacity": ("capacityData", "count", False),
    "optimizer": ("optimizerData", "optimizer", False),
}
"""By file: its key in system-data.json, the key of what is in it, and whether a case needs it."""
DEFAULT_CLASS = "Free"
"""Class of a server that names none."""
MOST = 1e9
MOST_ENTRIES = 2_000
MOST_BATCH = 10_000


@dataclass
class _Part:
    """One file's contents, and where they stand in it."""

    reading: Reading
    at: At
    value: Any


@dataclass
class Case:
    """What was read, by name."""

    accelerators: dict[str, dict[str, Any]] = field(default_factory=dict)
    laws: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By model and accelerator."""
    targets: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    """By service class and model: `itl` and `ttft` in ms, `tps` in tokens/s; 0 for no target."""
    servers: list[dict[str, Any]] = field(default_factory=list)
    stock: dict[str, int] | None = None
    """Cards by type; None where the case says nothing of it."""
    unlimited: bool = False
    mixed: bool = False


def read_case(folder: Path) -> tuple[Case, list[Path]]:
    """The case in a folder, and the files it was read from. Raises InputError with every problem found."""
    parts, files = _parts(folder)
    case = Case()
    _accelerators(parts["accelerator"], case)
    _laws(parts["model"], case)
    _targets(parts["serviceclass"], case)
    _servers(parts["server"], case)
    if "capacity" in parts:
        _stock(parts["capacity"], case)
    if "optimizer" in parts:
        _options(parts["optimizer"], case)
    _finish(parts.values())
    return case, files


def _finish(parts: Any) -> None:
    """Raise what all files have wrong, once each."""
    said: list[Issue] = []
    for reading in {id(part.reading): part.reading for part in parts}.values():
        try:
            reading.finish()
        except InputError as error:
            said += error.issues
    if said:
        raise InputError(said)


def _parts(folder: Path) -> tuple[dict[str, _Part], list[Path]]:
    """Each part from its own file, or else from system-data.json; which files were read."""
    if not folder.is_dir():
        raise InputError(
            [Issue(str(folder), 1, "", "there is no such folder", "try the folder of the *-data.json files")]
        )
    found: dict[str, _Part] = {}
    files: list[Path] = []
    whole = folder / "system-data.json"
    at: At = ()
    system: dict[str, Any] | None = None
    for name, (key, inner, needed) in PARTS.items():
        path = folder / f"{name}-data.json"
        if path.exists():
            reading = Reading(read_json(path), caseless=True)
            files.append(path)
            found[name] = _inside(reading, (), reading.document.data, inner)
            continue
        if whole.exists() and system is None:
            reading_all = Reading(read_json(whole), caseless=True)
            files.append(whole)
            at, value = reading_all.below((), reading_all.mapping((), reading_all.document.data, "a system"), "system")
            system = reading_all.mapping(at, value, "a system")
        if system is not None and reading_all.key(system, key) is not None:
            inside, value = reading_all.below(at, system, key)
            found[name] = _inside(reading_all, inside, value, inner)
        elif needed:
            hint = f"try adding {name}-data.json, or system-data.json with {key}"
            raise InputError([Issue(str(path), 1, "", "there is no such file", hint)])
    return found, files


def _inside(reading: Reading, at: At, value: Any, key: str) -> _Part:
    mapping = reading.mapping(at, value, f"a mapping with {key!r}")
    path, inner = reading.below(at, mapping, key)
    return _Part(reading, path, inner)


def _entries(part: _Part, what: str) -> list[tuple[At, dict[str, Any]]]:
    found = list(part.reading.mappings(part.at, part.value, what))
    if len(found) > MOST_ENTRIES:
        part.reading.wrong(part.at, f"there are more than {MOST_ENTRIES:,}", "try a smaller case")
        return []
    return found


def _accelerators(part: _Part, case: Case) -> None:
    r = part.reading
    for at, entry in _entries(part, "an accelerator"):
        name = r.name(*r.below(at, entry, "name"))
        if name in case.accelerators:
            r.wrong(at, f"{name!r} is given twice", "try removing one")
        power_at, power = r.below(at, entry, "power")
        watts = r.mapping(power_at, power, "power") if power is not None else {}
        type_at, type_ = r.below(at, entry, "type")
        case.accelerators[name] = {
            "type": name if type_ in (None, "") else r.name(type_at, type_),
            "cards": r.number(*r.below(at, entry, "multiplicity"), 1, MOST_ENTRIES, default=1, whole=True),
            "cents": r.number(*r.below(at, entry, "cost"), 0, MOST),
            "watts": r.number(*r.below(power_at, watts, "full"), 0, MOST, default=0),
        }


def _laws(part: _Part, case: Case) -> None:
    r = part.reading
    for at, entry in _entries(part, "a model on an accelerator"):
        key = (r.name(*r.below(at, entry, "name")), r.name(*r.below(at, entry, "acc")))
        if key in case.laws:
            r.wrong(at, f"{key[0]!r} on {key[1]!r} is given twice", "try removing one")
        times_at, times = r.below(at, entry, "perfParms")
        if times is None:
            r.wrong(times_at, "the field is missing", "try perfParms: {alpha, beta, gamma}, in ms")
            continue
        times = r.mapping(times_at, times, "alpha, beta and gamma")
        count = r.number(*r.below(at, entry, "accCount"), 0, MOST_ENTRIES, default=1, whole=True)
        law = {
            "units": max(int(count), 1),
            "batch": r.number(*r.below(at, entry, "maxBatchSize"), 1, MOST_BATCH, whole=True),
            "at_tokens": r.number(*r.below(at, entry, "atTokens"), 0, MOST, default=0, whole=True),
            **{name: r.number(*r.below(times_at, times, name), 0, MOST) for name in ("alpha", "beta", "gamma")},
        }
        case.laws[key] = law


def _targets(part: _Part, case: Case) -> None:
    r = part.reading
    for at, entry in _entries(part, "a service class"):
        name = r.name(*r.below(at, entry, "name"))
        for here, target in r.mappings(*r.below(at, entry, "modelTargets"), "a target"):
            model = r.name(*r.below(here, target, "model"))
            limits = {
                key: r.number(*r.below(here, target, f"slo-{key}"), 0, MOST, default=0) for key in ("itl", "ttft")
            }
            limits["tps"] = r.number(*r.below(here, target, "slo-tps"), 0, MOST, default=0)
            case.targets[name, model] = limits


def _servers(part: _Part, case: Case) -> None:
    r, seen = part.reading, set()
    for at, entry in _entries(part, "a server"):
        name = r.name(*r.below(at, entry, "name"))
        if name in seen:
            r.wrong(at, f"{name!r} is given twice", "try removing one")
        seen.add(name)
        class_at, class_ = r.below(at, entry, "class")
        now_at, now = r.below(at, entry, "currentAlloc")
        now = r.mapping(now_at, now, "the allocation now") if now is not None else {}
        load_at, load = r.below(now_at, now, "load")
        load = r.mapping(load_at, load, "a load") if load is not None else {}
        server = {
            "name": name,
            "class": DEFAULT_CLASS if class_ in (None, "") else r.name(class_at, class_),
            "model": r.name(*r.below(at, entry, "model")),
            "per_min": r.number(*r.below(load_at, load, "arrivalRate"), 0, MOST, default=0),
            "input": r.number(*r.below(load_at, load, "avgInTokens"), 0, MOST, default=0),
            "output": r.number(*r.below(load_at, load, "avgOutTokens"), 0, MOST, default=0),
            "batch": r.number(*r.below(at, entry, "maxBatchSize"), 0, MOST_BATCH, default=0, whole=True),
            "least": r.number(*r.below(at, entry, "minNumReplicas"), 0, MOST_ENTRIES, default=0, whole=True),
            "held": "",
        }
        _named(part, at, server, case)
        if r.flag(*r.below(at, entry, "keepAccelerator")):
            held_at, held = r.below(now_at, now, "accelerator")
            server["held"] = "" if held in (None, "") else r.name(held_at, held)
            if server["held"] and server["held"] not in case.accelerators:
                r.wrong(held_at, f"there is no accelerator {held!r}", "try one of accelerator-data.json")
        case.servers.append(server)
    if not case.servers:
        r.wrong(part.at, "there is no server", "try adding one")


def _named(part: _Part, at: At, server: dict[str, Any], case: Case) -> None:
    """The class of a server has targets for its model."""
    if server["per_min"] > 0 and (server["class"], server["model"]) not in case.targets:
        message = f"class {server['class']!r} has no target for model {server['model']!r}"
        part.reading.wrong(at, message, "try adding it to serviceclass-data.json")


def _stock(part: _Part, case: Case) -> None:
    r, stock = part.reading, {}
    for at, entry in _entries(part, "a type of accelerator"):
        type_ = r.name(*r.below(at, entry, "type"))
        stock[type_] = int(r.number(*r.below(at, entry, "count"), 0, MOST, whole=True))
    case.stock = stock


def _options(part: _Part, case: Case) -> None:
    r = part.reading
    options = r.mapping(part.at, part.value, "the optimizer's options")
    case.unlimited = r.flag(*r.below(part.at, options, "unlimited"))
    case.mixed = r.flag(*r.below(part.at, options, "heterogeneous"))
