"""Sweeps: scenarios that differ by the values of some paths, on a grid or drawn from distributions.

Draws are a Latin hypercube: each path's distribution is cut into as many equally likely parts as there are scenarios,
and each part is drawn from once, in an order of its own for each path. The draws of a path follow from the seed and the
path alone, by a generator whose sequence Python promises to keep, and are rounded to six digits: the same on every
machine, and the same after another path is added.
"""

import itertools
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from fleetopt.instance.base import Id, Name, Section

MOST = 1000
"""Scenarios of one sweep."""
DIGITS = 6
"""Significant digits of a drawn value."""
KINDS = ("uniform", "triangular", "normal", "lognormal", "choice")


class Distribution(Section):
    """What the values of a path are drawn from; one of these."""

    uniform: tuple[float, float] | None = None
    """Least and most."""
    triangular: tuple[float, float, float] | None = None
    """Least, likeliest, most."""
    normal: tuple[float, float] | None = None
    """Mean and standard deviation."""
    lognormal: tuple[float, float] | None = None
    """Median, and the factor that one standard deviation is: two thirds lie between median / factor and median x it."""
    choice: tuple[Any, ...] | None = None
    """Values that are equally likely."""

    @model_validator(mode="after")
    def _one_and_in_order(self) -> Self:
        given = [name for name in KINDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"must say one of {', '.join(KINDS)}")
        values = getattr(self, given[0])
        if given[0] in ("uniform", "triangular") and (list(values) != sorted(values) or values[0] == values[-1]):
            raise ValueError(f"{given[0]} {list(values)} does not rise; try the least first and the most last")
        if given[0] == "normal" and not values[1] > 0:
            raise ValueError(f"the standard deviation {values[1]:g} is not above 0")
        if given[0] == "lognormal" and not (values[0] > 0 and values[1] > 1):
            raise ValueError("lognormal takes a median above 0 and a factor above 1; try [1, 1.5]")
        if given[0] == "choice" and not values:
            raise ValueError("choice has nothing to choose from")
        return self

    def at(self, share: float) -> Any:
        """The value that this share of all draws does not exceed."""
        if self.choice is not None:
            return self.choice[min(int(share * len(self.choice)), len(self.choice) - 1)]
        if self.uniform is not None:
            value = self.uniform[0] + share * (self.uniform[1] - self.uniform[0])
        elif self.triangular is not None:
            value = _triangular(*self.triangular, share)
        elif self.normal is not None:
            value = NormalDist(*self.normal).inv_cdf(share)
        else:
            assert self.lognormal is not None
            value = self.lognormal[0] * self.lognormal[1] ** NormalDist().inv_cdf(share)
        return float(f"{value:.{DIGITS}g}")


def _triangular(least: float, likeliest: float, most: float, share: float) -> float:
    below = (likeliest - least) / (most - least)
    if share < below:
        return least + math.sqrt(share * (most - least) * (likeliest - least))
    return most - math.sqrt((1 - share) * (most - least) * (most - likeliest))


class Sample(Section):
    """Scenarios drawn at random."""

    count: int = Field(ge=1, le=MOST)
    """How many."""
    seed: int = Field(default=0, ge=0)
    """Another seed, other draws."""
    over: Annotated[dict[str, Distribution], Field(min_length=1, max_length=50)]
    """Distribution by path."""

    def draws(self) -> list[dict[str, Any]]:
        """The values of each scenario by path."""
        columns = {path: self._column(path, of) for path, of in self.over.items()}
        return [{path: column[i] for path, column in columns.items()} for i in range(self.count)]

    def _column(self, path: str, of: Distribution) -> list[Any]:
        draw = random.Random(f"{self.seed} {path}").random
        shares = [(i + min(max(draw(), 1e-9), 1 - 1e-9)) / self.count for i in range(self.count)]
        order = sorted(range(self.count), key=lambda _: draw())
        return [of.at(shares[i]) for i in order]


def _listed(value: Any) -> Any:
    """A grid may give a single value for a list of one."""
    return {path: v if isinstance(v, list) else [v] for path, v in value.items()} if isinstance(value, dict) else value


class Sweep(Section):
    """Scenarios from one base that differ by the values of some paths."""

    title: Name = ""
    """What the titles of its scenarios begin with; the sweep's name where empty."""
    base: Id | None = None
    """Name of one of `bases`; the suite's `base` where absent."""
    overrides: tuple[Id, ...] = ()
    """Names of overrides that all its scenarios have."""
    grid: Annotated[dict[str, tuple[Any, ...]], BeforeValidator(_listed)] = {}
    """Values by path; a scenario for every combination, the last path's values varying first."""
    sample: Sample | None = None
    """Scenarios drawn at random, in place of a grid."""

    @model_validator(mode="after")
    def _grid_or_sample(self) -> Self:
        if bool(self.grid) == bool(self.sample):
            raise ValueError("must say one of grid, sample")
        if empty := [path for path, values in self.grid.items() if not values]:
            raise ValueError(f"the grid has no values of {empty[0]}")
        if self.size > MOST:
            raise ValueError(f"{self.size:,} scenarios; at most {MOST:,} are run; try fewer values, or a sample")
        return self

    @property
    def size(self) -> int:
        """How many scenarios it is."""
        return self.sample.count if self.sample else math.prod(len(values) for values in self.grid.values())

    @property
    def paths(self) -> tuple[str, ...]:
        """What varies."""
        return tuple(self.sample.over if self.sample else self.grid)

    def names(self, name: str) -> tuple[str, ...]:
        """Names of its scenarios: `tpot-01`, `tpot-02` and so on."""
        digits = max(2, len(str(self.size)))
        return tuple(f"{name}-{i:0{digits}}" for i in range(1, self.size + 1))

    def values(self) -> list[dict[str, Any]]:
        """The values of each scenario by path."""
        if self.sample:
            return self.sample.draws()
        combinations = itertools.product(*self.grid.values())
        return [dict(zip(self.grid, values, strict=True)) for values in combinations]


@dataclass(frozen=True)
class Swept:
    """A sweep of a suite, ready: its scenarios, and the values that make them."""

    name: str
    title: str
    values: Mapping[str, Mapping[str, Any]]
    """Values by path, by scenario."""
    sampled: bool

    @property
    def paths(self) -> tuple[str, ...]:
        """What varies."""
        return tuple(next(iter(self.values.values())))

    @property
    def short(self) -> dict[str, str]:
        """The shortest end of each path, of two steps or more, that no other ends with."""
        return {path: _short(path, self.paths) for path in self.paths}

    def title_of(self, scenario: str) -> str:
        """The scenario's title: what it is a scenario of, and its values."""
        short = self.short
        return f"{self.title}: {', '.join(f'{short[path]} {value}' for path, value in self.values[scenario].items())}"


def swept(name: str, sweep: Sweep) -> Swept:
    """The sweep of that name, ready."""
    values = dict(zip(sweep.names(name), sweep.values(), strict=True))
    return Swept(name, sweep.title or name, values, sweep.sample is not None)


def _short(path: str, paths: tuple[str, ...]) -> str:
    steps = path.split(".")
    for taken in range(2, len(steps)):
        end = ".".join(steps[-taken:])
        if not any(other != path and f".{other}".endswith(f".{end}") for other in paths):
            return end
    return path
