"""The standard stresses: packaged overrides that any instance can be put under."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fleetopt.errors import UsageError
from fleetopt.instance.overrides import Override
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.strict_yaml import read_text
from fleetopt.instance.suggest import did_you_mean
from fleetopt.suite.schema import Expectation

STANDARD = "standard"
"""All of them."""
FILE = "stresses.yaml"


@dataclass(frozen=True)
class Stressed:
    """One stress of one instance, ready to run."""

    name: str
    title: str
    overrides: tuple[Override, ...]
    relief: bool
    why: str

    def expectation(self, base: str) -> Expectation:
        """The stress never costs less than the base; relief never more."""
        if self.relief:
            return Expectation(dearer_or_equal=(base, self.name), why=self.why)
        return Expectation(never_cheaper=(self.name, base), why=self.why)


@cache
def packaged() -> Mapping[str, Mapping[str, Any]]:
    """The packaged stresses by name."""
    text = files("fleetopt.suite").joinpath(FILE).read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Any]] = read_text(text, FILE).data
    return found


def known() -> tuple[str, ...]:
    """Names that may be asked for."""
    return (STANDARD, *packaged())


def chosen(instance: Instance, names: tuple[str, ...]) -> tuple[Stressed, ...]:
    """The stresses of these names for an instance, each once; one for each site or vendor where a stress says so.

    Raises UsageError for a name that is not known.
    """
    for name in names:
        if name not in known():
            raise UsageError(f"there is no stress {name!r}; {did_you_mean(name, known())}")
    asked = packaged() if STANDARD in names else dict.fromkeys(names)
    return tuple(stress for name in asked for stress in _of(instance, name))


def _of(instance: Instance, name: str) -> Iterator[Stressed]:
    said = packaged()[name]
    each: str | None = said.get("each")
    if each is None:
        yield _stressed(name, said, "", "")
        return
    subjects = _sites(instance) if each == "site" else _vendors(instance)
    taken: set[str] = set()
    for id_, shown in subjects.items():
        full = _unique(f"{name}-{_slug(id_)}", taken)
        yield _stressed(full, said, id_, shown)


def _stressed(name: str, said: Mapping[str, Any], id_: str, shown: str) -> Stressed:
    overrides = tuple(Override(path.replace("{id}", id_), _filled(v, id_)) for path, v in said["overrides"].items())
    title = said["title"].replace("{name}", shown)
    return Stressed(name, title, overrides, bool(said.get("cheaper")), said["why"])


def _filled(value: Any, id_: str) -> Any:
    if isinstance(value, list):
        return [_filled(item, id_) for item in value]
    return value.replace("{id}", id_) if isinstance(value, str) else value


def _sites(instance: Instance) -> dict[str, str]:
    """Sites on the ground whose power is not all there yet."""
    return {s.id: s.name or s.id for s in instance.sites if s.enabled and s.kind == "ground" and _grows(s)}


def _grows(site: Site) -> bool:
    built = any(e.enabled and e.max_new_kw * e.scale > 0 for e in site.power.sources)
    return built or site.power.lease is not None or site.opening is not None


def _vendors(instance: Instance) -> dict[str, str]:
    """Vendors that sell or rent out something."""
    offered = (s for s in instance.systems if s.enabled and (s.rentals or (s.buyable and s.price.buy_usd is not None)))
    return {s.vendor: s.vendor for s in offered}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found
