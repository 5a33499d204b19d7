"""Questions that take several runs, as a suite file asks them: flips, maps, regret."""

from pydantic import Field

from fleetopt.instance.base import Id, Name, Section
from fleetopt.suite.facts import Fact
from fleetopt.suite.parameter import Varied
from fleetopt.units import Usd


class Flip(Varied):
    """A question: at which value of a parameter does a fact about the plan change?"""

    title: Name = ""
    """Title for people; parameter and fact where empty."""
    base: Id | None = None
    """Base instance, by its name under `bases`; the suite's own where absent."""
    overrides: tuple[Id, ...] = ()
    """Names of overrides that hold at every value."""
    fact: Fact
    """What changes."""
    within: float = Field(default=0.02, gt=0, lt=1)
    """How narrow the flip is bracketed: both ends of the bracket lie within this share of each other."""
    points: int = Field(default=0, ge=0, le=50)
    """Values between the ends to look at before any bisection: what changes twice between them is found so."""
    prove: bool = False
    """Whether runs without what the fact looks for say what it is worth near the flip, and where that is proven."""
    most_solves: int = Field(default=40, ge=2, le=500)
    """Most runs."""


class MapSide(Varied):
    """One of a map's parameters."""

    points: int = Field(default=3, ge=0, le=50)
    """With `between`: values between both ends."""


class Map(Section):
    """A question: where in a plane of two parameters does a fact about the plan hold?"""

    title: Name = ""
    """Title for people."""
    base: Id | None = None
    """Base instance, by its name under `bases`; the suite's own where absent."""
    overrides: tuple[Id, ...] = ()
    """Names of overrides that hold everywhere."""
    x: MapSide
    """Parameter from left to right."""
    y: MapSide
    """Parameter from top to bottom."""
    fact: Fact
    """What holds or does not."""
    boundary: bool = False
    """Whether the flip along each row is bisected, where `x` is no list of values."""
    within: float = Field(default=0.05, gt=0, lt=1)
    """How narrow it is bracketed."""


class Regret(Section):
    """A question: which scenario's plan is regretted least, whatever comes?"""

    scenarios: tuple[Id, ...] = Field(min_length=2, max_length=40)
    """Scenarios, or sweeps of them: their plans, and what may come."""
    weights: dict[Id, float] = {}
    """How likely each is beside the others; 1 where not said."""
    shortfall_usd: Usd | None = None
    """Price of a request not served, for every workload without one; where absent, all must be served."""
