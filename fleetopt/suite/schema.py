"""What a suite file says."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from fleetopt.instance.base import Id, Name, Section, Text
from fleetopt.suite.look import Look
from fleetopt.suite.questions import Flip, Map, Regret
from fleetopt.suite.sweeps import Sweep
from fleetopt.units import Seconds, Share

Prose = Annotated[str, StringConstraints(max_length=6000)]
"""Paragraphs, with figures of the run in braces."""


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


class Use(Look):
    """Something a scenario's plan may use: a system, a vendor, a site, memory, or one of these for one workload."""

    scenario: Id
    """Scenario it is looked for in."""


Side = Id | Annotated[tuple[Id, ...], Field(min_length=1, max_length=100)]
"""A scenario, or several whose costs are added up."""


class FlipClaim(Section):
    """Where a flip is expected."""

    flip: Id
    """Name under `flips`."""
    between: tuple[Any, Any] | None = None
    """Values that the first flip is expected between, both of them included; anywhere where absent."""


def _from_name(value: Any) -> Any:
    return {"flip": value} if isinstance(value, str) else value


_COSTS = ("cheaper", "dearer_or_equal", "never_cheaper")
_RELATIONS = (*_COSTS, "feasible", "infeasible", "uses", "avoids", "flips", "never_flips")


class Expectation(Section):
    """One relation between scenarios, or one property of a scenario's plan."""

    why: Text = ""
    """The claim in words; printed with the outcome."""
    cheaper: tuple[Side, Side] | None = None
    """The first costs less than the second, beyond what the gaps leave open; a list stands for the sum of its costs."""
    by: Share | None = None
    """With `cheaper`: less by at least this share of the second."""
    dearer_or_equal: tuple[Side, Side] | None = None
    """The first costs at least as much as the second, as far as the gaps can tell."""
    feasible: Id | None = None
    """The scenario has a plan."""
    never_cheaper: tuple[Side, Side] | None = None
    """As `dearer_or_equal`, but the first may also have no plan at all."""
    infeasible: Id | None = None
    """The scenario is proven to have none."""
    uses: Use | None = None
    """The scenario's plan uses it."""
    avoids: Use | None = None
    """The scenario has a plan, which does not use it."""
    flips: Annotated[FlipClaim, BeforeValidator(_from_name)] | None = None
    """The fact of this flip changes, where it is expected to."""
    never_flips: Id | None = None
    """The fact of this flip is the same at every value that was looked at."""

    @property
    def kind(self) -> str:
        """The relation's name."""
        return next(iter(self._given()))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios it speaks of."""
        if self.kind in _COSTS:
            return tuple(name for side in self.sides for name in side)
        value = getattr(self, self.kind)
        return () if self.flip else (value.scenario,) if isinstance(value, Use) else (value,)

    @property
    def sides(self) -> tuple[tuple[str, ...], ...]:
        """Both sides of a comparison of costs, each as the scenarios that are added up."""
        value: tuple[Any, ...] = getattr(self, self.kind) if self.kind in _COSTS else ()
        return tuple((side,) if isinstance(side, str) else side for side in value)

    @property
    def flip(self) -> str:
        """The flip it speaks of; empty where it speaks of none."""
        return self.flips.flip if self.flips else self.never_flips or ""

    def _given(self) -> tuple[str, ...]:
        return tuple(name for name in _RELATIONS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_relation(self) -> Self:
        if len(self._given()) != 1:
            raise ValueError(f"must say one of {', '.join(_RELATIONS)}")
        if self.by is not None and self.cheaper is None:
            raise ValueError("by says how much cheaper; try it with cheaper")
        return self


class Picture(Section):
    """A picture of a thesis."""

    shares: Id | None = None
    """Who serves this workload in each of the thesis's scenarios."""
    bought: bool = False
    """What each scenario's plan buys and rents, as what its units cost."""
    costs: bool = False
    """What each scenario's plan costs, line by line."""
    flip: Id | None = None
    """Cost and fact of this flip over its parameter."""
    map: Id | None = None
    """This map."""

    @model_validator(mode="after")
    def _one_picture(self) -> Self:
        if sum(bool(getattr(self, name)) for name in type(self).model_fields) != 1:
            raise ValueError(f"must say one of {', '.join(type(self).model_fields)}")
        return self


class Thesis(Section):
    """A claim about the world that runs of the suite bear out or refute."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,15}$")]
    """Short id, such as `T4`."""
    title: Name
    """Its name, in a few words."""
    claim: Text
    """What it says, in one sentence."""
    scenarios: tuple[Id, ...] = Field(default=(), max_length=40)
    """Scenarios and sweeps of its table, in order."""
    compare: bool | tuple[Annotated[tuple[Id, ...], Field(min_length=1)], ...] = True
    """Whether the table tells their costs beside the first's: `false` where they serve different things, or lists of
    those that serve the same, each beside the first of its list."""
    flips: tuple[Id, ...] = ()
    """Its flips."""
    maps: tuple[Id, ...] = ()
    """Its maps."""
    expect: tuple[Expectation, ...] = Field(min_length=1, max_length=40)
    """What must hold for it to be borne out; all of it."""
    text: Prose = ""
    """What was found, with figures of the run in braces: `{scenario.a.cost}`, `{flip.x.at}`."""
    borne_out: Prose = ""
    """Said where it holds."""
    refuted: Prose = ""
    """Said where it does not."""
    decides: Prose = ""
    """The figure that decides, for the table at the head of the page."""
    overturns: Prose = ""
    """What would overturn the verdict, for the same table."""
    breaks: Prose = ""
    """Where it breaks: at which price, target or size it is no longer so."""
    assumes: Prose = ""
    """What the figures rest on."""
    picture: Picture | None = None
    """Its picture; the shares of its first workload, or its first flip, where absent."""


class Options(Section):
    """How scenarios are solved where the command line does not say."""

    gap: Share | None = Field(default=None, lt=1)
    """As `--gap`: relative gap to prove."""
    time_limit_s: Seconds | None = Field(default=None, gt=0)
    """As `--time-limit`: most seconds the search of one run may take."""
    solver: Literal["highs", "cbc"] | None = None
    """As `--solver`."""


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
    options: Options = Options()
    """How its runs are solved, where the command line does not say."""
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
    flips: dict[Id, Flip] = {}
    """Values of a parameter at which a fact about the plan changes, found by bisection."""
    maps: dict[Id, Map] = {}
    """Facts about the plan over two parameters."""
    regret: Regret | None = None
    """Every scenario's plan under every other scenario."""
    expect: tuple[Expectation, ...] = ()
    """What should hold between them."""
    theses: Annotated[tuple[Thesis, ...], Field(max_length=100)] = ()
    """Claims that the run bears out or refutes, each a section of theses.md."""

    @model_validator(mode="after")
    def _runs_something(self) -> Self:
        if not (self.scenarios or self.sweeps or self.stresses or self.flips or self.maps):
            raise ValueError("runs nothing; try adding scenarios, or stresses: [standard]")
        return self
