"""`explain`: what binds in a written plan, what one more is worth, and why a system is not in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleetopt.pipeline import explanation_words as words
from fleetopt.pipeline.reopened import reopen
from fleetopt.pipeline.story import Say
from fleetopt.plan import Plan
from fleetopt.solve.binding import Binding, binding
from fleetopt.solve.marginal import Price, held_lp, prices
from fleetopt.solve.resolve import Resolved, headlines, with_one_more
from fleetopt.solve.solver import Limits
from fleetopt.solve.why_not import WhyNot, why_not


@dataclass(frozen=True)
class ExplainOptions:
    """How much to ask."""

    prices: bool = False
    """LP prices, and headline figures solved anew with one more."""
    why_not: str | None = None
    """Id of a system."""
    most: int = 5
    """LP prices told of each equation."""
    resolves: int = 6
    """Headline figures solved anew."""
    times: float = 1.0
    """How much more they are solved with: where one more is lost between the bounds of a large plan, ask for 100."""
    gap: float | None = None
    """Gap of each new solve; None asks for that of the plan."""
    time_limit_s: float = 600.0
    """Seconds for all new solves together."""
    seed: int = 0


@dataclass(frozen=True)
class Explanation:
    """What was asked for; the rest is None."""

    plan: Plan
    times: float
    """How much more the headline figures were solved with."""
    binding: tuple[Binding, ...] | None = None
    prices: tuple[Price, ...] | None = None
    resolved: tuple[Resolved, ...] | None = None
    why_not: WhyNot | None = None

    @property
    def lines(self) -> list[str]:
        """The explanation for people."""
        found: list[str] = []
        if self.binding is not None:
            found += words.binding_lines(self.binding)
        if self.prices is not None:
            found += words.price_lines(self.prices)
            if self.resolved is not None:
                found += ["", *words.resolved_lines(self.resolved, self.times)]
        if self.why_not is not None:
            found += [*([""] if found else []), *words.why_not_lines(self.why_not)]
        return found

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        document: dict[str, Any] = {"objective_usd": self.plan.objective_usd, "bound_usd": self.plan.bound_usd}
        if self.binding is not None:
            document["binding"] = [words.binding_data(b) for b in self.binding]
        if self.prices is not None:
            document["lp_prices"] = [words.price_data(p) for p in self.prices]
            document["times"] = self.times
            document["re_solved"] = [words.resolved_data(r) for r in self.resolved or ()]
        if self.why_not is not None:
            document["why_not"] = words.why_not_data(self.why_not)
        return document


def explain(folder: str | Path, options: ExplainOptions | None = None, say: Say | None = None) -> Explanation:
    """Explain the plan in a run folder; without prices and without a system, what binds.

    Raises UsageError where there is no plan or no such system, VerificationError where the plan does not hold.
    """
    options, say = options or ExplainOptions(), say or (lambda _: None)
    run = reopen(folder)
    model, matrix, plan = run.model, run.matrix, run.plan
    gap = plan.gap_target if options.gap is None else options.gap
    limits = Limits(gap, options.time_limit_s, seed=options.seed)
    lp_prices, resolved, bound, absent = None, None, None, None
    if options.prices or options.why_not is None:
        held = held_lp(model, matrix, plan)
        if options.prices:
            say("LP prices with the plan's whole numbers held")
            lp_prices = prices(held, options.most)
            if options.resolves:
                chosen = headlines(held, options.resolves)
                resolved = with_one_more(model, matrix, plan, chosen, limits, say, options.times)
        else:
            bound = binding(held)
    if options.why_not is not None:
        absent = why_not(model, matrix, plan, run.found, options.why_not, limits, say)
    return Explanation(plan, options.times, bound, lp_prices, resolved, absent)
