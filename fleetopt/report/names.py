"""What things are called for people: their names where the instance gives some, their ids else; safe in Markdown."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from fleetopt.instance.base import Entity
from fleetopt.instance.schema import Instance
from fleetopt.report.text import plain


@dataclass(frozen=True)
class Names:
    """Names of an instance's entities."""

    instance: Instance
    shown: Callable[[str], str] = plain
    """How text of the instance is written: for Markdown, or by `str` as it stands, for formats that make it safe."""

    def system(self, id_: str) -> str:
        """A system."""
        return self._systems.get(id_, self.shown(id_))

    def site(self, id_: str) -> str:
        """A site."""
        return self._sites.get(id_, self.shown(id_))

    def workload(self, id_: str) -> str:
        """A workload."""
        return self._workloads.get(id_, self.shown(id_))

    def tier(self, id_: str) -> str:
        """A memory tier."""
        return self._tiers.get(id_, self.shown(id_))

    def item(self, id_: str) -> str:
        """A system or a memory tier; a source of power has no name but its id."""
        return self._systems.get(id_) or self._tiers.get(id_) or self.shown(id_)

    @cached_property
    def _systems(self) -> dict[str, str]:
        return _names(self.instance.systems, self.shown)

    @cached_property
    def _sites(self) -> dict[str, str]:
        return _names(self.instance.sites, self.shown)

    @cached_property
    def _workloads(self) -> dict[str, str]:
        return _names(self.instance.workloads, self.shown)

    @cached_property
    def _tiers(self) -> dict[str, str]:
        return _names(self.instance.memory, self.shown)


def _names(entities: tuple[Entity, ...], shown: Callable[[str], str]) -> dict[str, str]:
    return {e.id: shown(e.name or e.id) for e in entities}
