"""What a suite file says."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from fleetopt.instance.base import Id, Name, Section, Text
from fleetopt.suite.sweeps import Sweep


class Scenario(Section):
    """The base with some overrides."""

    title: Name = ""
    """Title for people; the scenario's name where empty."""
    base: Id | None = None
    """Name of one of `bases`; the suite's `base` where absent."""
    overrides: tuple[Id, ...] = ()
    """Names of overrides; no two may touch the same path."""


def _from_list(value: Any) -> Any:
    return {"overrides": value} if isinstance(value, list) else value


class Use(Section):
    """Something a plan may use: a system, a vendor, a site, or one of these for one workload."""

    scenario: Id
    """Scenario it is looked for in."""
    system: Id | None = None
    """System bought, rented, or placed."""
    vendor: Name | None = None
    """Vendor bought or rented from."""
    site: Id | None = None
    """Site that something is bought for or placed at."""
    workload: Id | None = None
    """Only what serves or trains this workload counts."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.system is None and self.vendor is None and self.site is None:
            raise ValueError("says nothing to look for; try one of system, vendor, site")
        if self.vendor is not None and self.workload is not None:
            raise ValueError("a vendor serves no workload; try the system")
        return self


_RELATIONS = ("cheaper", "dearer_or_equal", "never_cheaper", "feasible", "infeasible", "uses", "avoids")


class Expectation(Section):
    """One relation between scenarios, or one property of a scenario's plan."""

    why: Text = ""
    """The claim in words; printed with the outcome."""
    cheaper: tuple[Id, Id] | None = None
    """The first costs less than the second, beyond what the gaps leave open."""
    dearer_or_equal: tuple[Id, Id] | None = None
    """The first costs at least as much as the second, as far as the gaps can tell."""
    feasible: Id | None = None
    """The scenario has a plan."""
    never_cheaper: tuple[Id, Id] | None = None
    """As `dearer_or_equal`, but the first may also have no plan at all."""
    infeasible: Id | None = None
    """The scenario is proven to have none."""
    uses: Use | None = None
    """The scenario's plan uses it."""
    avoids: Use | None = None
    """The scenario has a plan, which does not use it."""

    @property
    def kind(self) -> str:
        """The relation's name."""
        return next(iter(self._given()))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios it speaks of."""
        value = getattr(self, self.kind)
        return value if isinstance(value, tuple) else (value.scenario,) if isinstance(value, Use) else (value,)

    def _given(self) -> tuple[str, ...]:
        return tuple(name for name in _RELATIONS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_relation(self) -> Self:
        if len(self._given()) != 1:
            raise ValueError(f"must say one of {', '.join(_RELATIONS)}")
        return self


File = Annotated[str, Field(min_length=1, max_length=1000)]
"""Path of a file."""


class SuiteFile(Section):
    """A suite of scenarios on one base instance."""

    format: int = Field(default=1, ge=1, le=1)
    """Version of this format."""
    title: Name = ""
    """Title for the comparison."""
    notes: Text = ""
    """What the suite is for."""
    base: File | None = None
    """Instance file, from the suite file's folder; may be absent where everything names one of `bases`."""
    bases: dict[Id, File] = {}
    """Further instance files, by the name that a scenario calls them by."""
    overrides: dict[Id, dict[str, Any]] = {}
    """Named overrides: value by path, as in `--set PATH=VALUE`."""
    scenarios: dict[Id, Annotated[Scenario, BeforeValidator(_from_list)]] = {}
    """Scenarios in the order they run: a list of overrides, or a title and overrides."""
    sweeps: dict[Id, Sweep] = {}
    """Scenarios that differ by the values of some paths; they run after the others, as `name-01`, `name-02`, ..."""
    stresses: tuple[Id, ...] = ()
    """Standard stresses that run after the scenarios: their names, or `standard` for all of them."""
    expect: tuple[Expectation, ...] = ()
    """What should hold between them."""

    @model_validator(mode="after")
    def _runs_something(self) -> Self:
        if not self.scenarios and not self.sweeps and not self.stresses:
            raise ValueError("runs nothing; try adding scenarios, or stresses: [standard]")
        return self
