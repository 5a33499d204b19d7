"""Why a system is not bought: what forcing it in costs by hand, and what is said where it cannot be."""

import pytest
from builders import GPU_CHIP
from cases import candidate, case, merge, model, offer
from planned import Planned, everything, planned

from fleetopt.candidates.candidate import CandidateSet, Rejection
from fleetopt.errors import UsageError
from fleetopt.model.build import Model
from fleetopt.solve.resolve import Say
from fleetopt.solve.solver import Limits
from fleetopt.solve.why_not import WhyNot, why_not

DEAR = {
    "id": "dear8",
    "vendor": "other",
    "kind": "server",
    "chip": {**GPU_CHIP, "id": "dear-chip"},
    "chips": 8,
    "power_kw": 10.0,
    "price": {"buy_usd": 600_000.0},
}
CANDIDATES = (candidate(), candidate("dear", system="dear8"))
QUIET: Say = lambda _: None  # noqa: E731


def both(**changes: object) -> Model:
    """gpu8 at 30,000 and dear8, as good, at 60,000 USD for the two quarters."""
    return model(case(**merge({"systems": {"dear8": DEAR}}, changes)), CANDIDATES, (offer(), offer("dear8")))


def asked(made: Planned, system: str, rejections: tuple[Rejection, ...] = ()) -> WhyNot:
    found = CandidateSet(CANDIDATES, (), rejections, 0, 0)
    return why_not(*made, found, system, Limits(gap=0.0), QUIET)


def test_forcing_one_in_costs_its_price_less_what_it_saves() -> None:
    """A dear one in the second quarter (30,000) displaces a gpu8 there (15,000), bought later than in the first.

    8 gpu8 are needed at once, so nothing is saved by waiting: forced in at the first quarter, it costs 60,000 and saves
    30,000; in the second it stands beside the eight, 30,000 more. Either way 30,000 USD, all on the line of systems.
    """
    found = asked(planned(both()), "dear8")
    assert found.units == 0 and found.on_offer and found.columns == {"chat": 1}
    assert found.forced is not None and found.forced.units == 1
    assert found.forced.difference.usd == pytest.approx(30_000)
    assert found.forced.difference.low_usd == pytest.approx(30_000)
    assert found.forced.lines == pytest.approx({"systems": 30_000})
    assert found.forced.plan is not None
    assert sum(p.units for p in found.forced.plan.purchases if p.system == "dear8") == pytest.approx(1)


def test_one_more_of_what_is_bought_already() -> None:
    """A ninth gpu8 is needed by nobody: 15,000 USD where it is bought in the second quarter."""
    found = asked(planned(both()), "gpu8")
    assert found.units == 8 and found.forced is not None and found.forced.units == 9
    assert found.forced.difference.usd == pytest.approx(15_000)


def test_rented_units_count_as_they_are() -> None:
    """A unit rented for a quarter at 1 USD an hour does the work of one bought for 15,000: 2,191.5 USD more by night.

    Nobody needs it, for eight are there by day already: its rent is the whole cost.
    """
    rent = {"systems": {"dear8": {"rent": {"usd_per_h": 10.0}, "buyable": False}}}
    built = model(case(**merge({"systems": {"dear8": DEAR}}, rent)), CANDIDATES, (offer(), rented()))
    found = asked(planned(built), "dear8")
    assert found.forced is not None and found.forced.difference.usd == pytest.approx(10 * 2191.5)
    assert found.forced.lines == pytest.approx({"rent": 10 * 2191.5})


def rented():  # type: ignore[no-untyped-def]
    """dear8 for rent in the second quarter, where no purchase can be put off for it."""
    return offer("dear8", buy=(), rent_periods=(1,))


def test_what_nobody_sells_cannot_be_forced_in() -> None:
    """Without an offer there is no column to force, and the reasons stand alone, the commonest rule first."""
    rejections = (
        Rejection("*", "virginia", "dear8", "*", "X1", "rule: barred", 0.0),
        Rejection("chat", "virginia", "dear8", "aggregated", "SLO", "far", 0.5, 3),
        Rejection("chat", "virginia", "dear8", "decode", "SLO", "near", 0.1, 2),
        Rejection("chat", "virginia", "dear8", "aggregated", "M1", "full", 0.2, 1),
        Rejection("chat", "virginia", "gpu8", "aggregated", "M1", "another system", 0.01, 9),
        Rejection("chat", "leo", "*", "*", "D3", "no link", 0.0),
    )
    built = model(case(systems={"dear8": DEAR}), (candidate(),))
    found = why_not(*planned(built), CandidateSet((candidate(),), (), rejections, 0, 0), "dear8", Limits(), QUIET)
    assert found.forced is None and not found.on_offer and found.columns == {}
    assert [(r.workload, r.rule, r.count, r.nearest) for r in found.reasons] == [
        ("*", "X1", 1, "rule: barred"),
        ("chat", "SLO", 5, "near"),
        ("chat", "D3", 1, "no link"),
        ("chat", "M1", 1, "full"),
    ]


def test_switched_off_and_not_allowed_are_said() -> None:
    """A system that is off, and one that the workload's own list leaves out, are told without counts."""
    only = {"chat": {"systems": ["gpu8"]}}
    built = model(case(systems={"dear8": {**DEAR, "enabled": False}}, workloads=only), (candidate(),))
    found = asked(planned(built), "dear8")
    assert [(r.workload, r.rule) for r in found.reasons] == [("*", "enabled"), ("chat", "systems")]


def test_a_limit_that_allows_none_leaves_no_plan() -> None:
    """Forced against the planner's own limit, there is no plan, and no cost is made up."""
    limits = {"limits": [{"id": "none", "systems": ["dear8"], "at_most": 0.0}]}
    found = asked(planned(both(policy=limits)), "dear8")
    assert found.forced is not None and found.forced.plan is None
    assert found.forced.difference.usd is None and found.forced.difference.stop_reason == "infeasible"


def test_a_misspelt_system_is_met_with_the_right_one() -> None:
    """`gpu` is not in the instance, `gpu8` is."""
    with pytest.raises(UsageError, match="did you mean 'gpu8'"):
        asked(planned(both()), "gpu9")


def test_processors_serve_nothing_themselves() -> None:
    """A rack without a chip is told apart, and what is said of every system is not said of it."""
    model_, matrix, plan = everything()
    found = why_not(model_, matrix, plan, CandidateSet((), (), (), 0, 0), "cpu", Limits(gap=1e-4), QUIET)
    assert not found.serves and found.reasons == ()
    assert found.forced is not None and (found.forced.difference.usd or 0) > 0
