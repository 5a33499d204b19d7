"""The whole instance: every section, frozen."""

from pydantic import Field

from fleetopt.instance.base import Id, Name, Section, Text
from fleetopt.instance.finance import Finance, Policy
from fleetopt.instance.measured import Measured
from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.models import Model
from fleetopt.instance.network import Network
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.sites import Site
from fleetopt.instance.stress import Stress
from fleetopt.instance.supply import Holding, Supply
from fleetopt.instance.systems import System
from fleetopt.instance.time import Time
from fleetopt.instance.trade import Jurisdiction, Trade
from fleetopt.instance.workloads import DemandOptions, ServerOptions, Workload

FORMAT = 1


class Instance(Section):
    """Demand, options and limits of one planning problem, all catalogue references resolved."""

    format: int = Field(default=FORMAT, ge=FORMAT, le=FORMAT)
    """Version of this format."""
    name: Id
    """Short id, used in file names."""
    title: Name = ""
    """Title for reports."""
    notes: Text = ""
    """Where the figures come from, and what the instance is for."""
    time: Time
    """Planning horizon."""
    finance: Finance = Finance()
    """Cost of capital, budgets."""
    jurisdictions: tuple[Jurisdiction, ...] = Field(min_length=1)
    """Jurisdictions that sites and regions belong to."""
    trade: Trade = Trade()
    """Export rules, licences, duties."""
    network: Network
    """Regions and links."""
    models: tuple[Model, ...] = ()
    """Models served or trained."""
    workloads: tuple[Workload, ...] = Field(min_length=1)
    """Demand."""
    systems: tuple[System, ...] = Field(min_length=1)
    """What can be bought, rented, or is already owned."""
    memory: tuple[MemoryTier, ...] = ()
    """Memory that can be bought or rented apart."""
    sites: tuple[Site, ...] = Field(min_length=1)
    """Where systems may stand."""
    fleet: tuple[Holding, ...] = ()
    """Existing fleet and orders already placed."""
    supply: Supply = Supply()
    """Supply limits."""
    policy: Policy = Policy()
    """The planner's own limits."""
    prediction: PredictionOptions = PredictionOptions()
    """Engine constants."""
    measured: Measured = Measured()
    """Own measurements, which stand instead of predictions."""
    demand: DemandOptions = DemandOptions()
    """Whether demand is split in parts."""
    servers: ServerOptions = ServerOptions()
    """Whether systems are mixed."""
    stress: Stress = Stress()
    """What goes wrong (scenarios); nothing by default."""

    def system(self, system_id: str) -> System:
        """The system of that id."""
        return next(s for s in self.systems if s.id == system_id)

    def site(self, site_id: str) -> Site:
        """The site of that id."""
        return next(s for s in self.sites if s.id == site_id)

    def workload(self, workload_id: str) -> Workload:
        """The workload of that id."""
        return next(w for w in self.workloads if w.id == workload_id)

    def model(self, model_id: str | None) -> Model:
        """The model of that id; ValueError for a workload without one, of which nothing can be predicted."""
        if model_id is None:
            raise ValueError("no model is described")
        return next(m for m in self.models if m.id == model_id)

    def predicts(self, workload: Workload, system: System) -> bool:
        """Whether what a system does for a workload can be predicted: both its chip and the model are described."""
        return workload.model is not None and system.chip is not None

    def parts(self, workload: Workload) -> int | None:
        """Equal parts in which a workload's demand is served; None where it may be split at will."""
        return workload.demand.parts if self.demand.split == "parts" else None

    def one_system(self, workload: Workload) -> bool:
        """Whether one system serves all of a workload in a period."""
        return workload.one_system and not self.servers.mixed

    def tier(self, tier_id: str) -> MemoryTier:
        """The memory tier of that id."""
        return next(m for m in self.memory if m.id == tier_id)

    def country(self, jurisdiction_id: str) -> str:
        """The country code of a jurisdiction."""
        return next(j.country for j in self.jurisdictions if j.id == jurisdiction_id)


__all__ = ["Id", "Instance"]
