"""What things are called for people: their names where the instance gives some, their ids else; safe in Markdown."""

from dataclasses import dataclass
from functools import cached_property

from fleetopt.instance.base import Entity
from fleetopt.instance.schema import Instance
from fleetopt.report.text import plain


@dataclass(frozen=True)
class Names:
    """Names of an instance's entities."""

    instance: Instance

    def system(self, id_: str) -> str:
        """A system."""
        return self._systems.get(id_, plain(id_))

    def site(self, id_: str) -> str:
        """A site."""
        return self._sites.get(id_, plain(id_))

    def workload(self, id_: str) -> str:
        """A workload."""
        return self._workloads.get(id_, plain(id_))

    def tier(self, id_: str) -> str:
        """A memory tier."""
        return self._tiers.get(id_, plain(id_))

    def item(self, id_: str) -> str:
        """A system or a memory tier; a source of power has no name but its id."""
        return self._systems.get(id_) or self._tiers.get(id_) or plain(id_)

    @cached_property
    def _systems(self) -> dict[str, str]:
        return _names(self.instance.systems)

    @cached_property
    def _sites(self) -> dict[str, str]:
        return _names(self.instance.sites)

    @cached_property
    def _workloads(self) -> dict[str, str]:
        return _names(self.instance.workloads)

    @cached_property
    def _tiers(self) -> dict[str, str]:
        return _names(self.instance.memory)


def _names(entities: tuple[Entity, ...]) -> dict[str, str]:
    return {e.id: plain(e.name) if e.name else plain(e.id) for e in entities}
