import math
from string import Formatter
from typing import Any

import pytest
from builders import merge, tiny_instance
from rich_case import rich_model

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model.build import build
from fleetopt.model.equation import EQUATIONS
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.solve import relax as relax_module
from fleetopt.solve.diagnose import diagnose
from fleetopt.solve.diagnosis import Diagnosis, Remedy
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.relax import Relaxation
from fleetopt.solve.relax_words import sentence
from fleetopt.solve.relaxations import KEPT, RELAXED
from fleetopt.solve.solver import Limits

RATE = 3000.0


def of(**changes: Any) -> Diagnosis:
    """The diagnosis of a tiny instance with 4,500 requests/s by day."""
    slices = {"day": 1.5, "night": 0.5}
    workloads = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": RATE, "slice_factors": slices}]}}}
    instance = tiny_instance(**{"workloads": workloads, **changes})
    model = build(instance, candidates(instance), offers(instance).offers)
    return diagnose(model, matrix_of(model.problem, sum(model.constants.values())), Limits())


def units() -> int:
    """Servers that 4,500 requests/s take, whole: an eighth of a server a replica."""
    return math.ceil(busy_units())


def busy_units() -> float:
    """The same, as far as they are at work."""
    point = candidates(tiny_instance()).serving[0].points["b1"]
    return 1.5 * RATE / point.rate_per_s / 8


def test_supply_is_named_with_what_is_missing() -> None:
    """Ten servers a period may be delivered, units() are needed at once: the rest is missing in the first period."""
    diagnosis = of(supply={"limits": [{"id": "few", "systems": ["gpu8"], "units_per_period": [10.0]}]})
    finding = diagnosis.findings[0]
    assert (finding.equation, finding.index, finding.unit) == ("B1", ("few", "2027q1"), "units")
    assert finding.shortfall == pytest.approx(units() - 10)
    assert diagnosis.headline.startswith("B1 at few, 2027q1 is short of") and "supply" in diagnosis.advice[0]


def test_power_is_named_in_kw() -> None:
    """units() of 10 kW at a peak PUE of 1.25 against 50 kW."""
    power = {"sources": [{"id": "grid", "existing_kw": 50.0, "energy_share": 1.0}]}
    diagnosis = of(sites={"virginia": {"power": power}})
    firm = next(f for f in diagnosis.findings if f.equation == "P1")
    assert firm.index == ("virginia", "2027q1") and firm.unit == "kW"
    assert firm.shortfall == pytest.approx(units() * 12.5 - 50)


def test_budget_and_space_are_named() -> None:
    """One million dollars, or three rack positions, are too little for units() of 0.3 M$ and one position."""
    budget = of(finance={"capital_budget_usd": [1e6]}).findings[0]
    assert budget.equation == "F1" and budget.shortfall == pytest.approx(units() * 300_000 - 1e6)
    space = of(sites={"virginia": {"space": {"slots": 3}}}).findings[0]
    assert space.equation == "S1" and space.shortfall == pytest.approx(units() - 3)


def test_cooling_and_carbon_are_named_in_their_units() -> None:
    """units() of 10 kW against cooling for 50 kW; 1 t of carbon against a MWh for every megawatt and hour."""
    heat = of(sites={"virginia": {"cooling": {"max_kw": 50.0}}}).findings[0]
    assert (heat.equation, heat.unit) == ("P3", "kW")
    assert heat.shortfall == pytest.approx(units() * 10 - 50, rel=1e-5)
    grid = {"carbon_g_per_kwh": 1000.0}
    dirty = {"virginia": {"power": {"sources": {"grid": grid}}}}
    carbon = of(sites=dirty, finance={"carbon_budget_t": [1.0]}).findings[0]
    idle, at_work = 0.3 * units(), 0.7 * busy_units() * (1 + 1 / 3) / 2
    mwh = (idle + at_work) * 10 / 1000 * 1.2 * 8766 / 4
    assert (carbon.equation, carbon.unit) == ("G1", "t")
    assert carbon.shortfall == pytest.approx(mwh - 1.0, rel=1e-3)


def test_a_whole_number_conflict_is_found_too() -> None:
    """Between 40.2 and 40.8 servers there is no whole number: only the MILP knows."""
    limits = [{"id": "narrow", "at_least": 40.2, "at_most": 40.8}]
    diagnosis = of(policy={"limits": limits})
    assert [f.equation for f in diagnosis.findings] == ["G2"] * 2
    assert diagnosis.findings[0].shortfall == pytest.approx(0.2, rel=1e-3)


def test_a_limit_is_told_in_words() -> None:
    """At most 10 servers delivered in all, units() needed: the limit's name, bound and count, and by how much."""
    limit = {"id": "few", "of": "bought", "at_most": 10.0, "together": True, "systems": ["gpu8"], "sites": ["virginia"]}
    finding = of(policy={"limits": [limit]}).findings[0]
    assert (finding.equation, finding.index, finding.unit) == ("G2", ("few", "at_most", "together"), "units")
    assert finding.shortfall == pytest.approx(units() - 10, rel=1e-4)
    said = "limit 'few' (at most 10 units of gpu8 at virginia bought over all periods) stands"
    assert said in finding.message


def test_frozen_orders_are_told_in_words() -> None:
    """Nothing is decided for the frozen first quarter, in which units() must be there."""
    diagnosis = of(policy={"frozen_until": "2027q1"})
    finding = diagnosis.findings[0]
    assert (finding.equation, finding.index) == ("G2.frozen", ("buy", "gpu8", "virginia", "2027q1"))
    assert "orders are frozen up to 2027q1, and the order of gpu8 (buy) for virginia" in finding.message
    assert any("policy.purchases" in advice for advice in diagnosis.advice)


def test_the_page_has_the_table_and_the_advice() -> None:
    """diagnosis.md leads with the headline, a table of what is missing, and what would help."""
    text = of(sites={"virginia": {"space": {"slots": 3}}}).markdown()
    assert text.startswith("# No plan: S1 at virginia, 2027q1") and "## What would help" in text
    assert "| S1 | virginia, 2027q1 |" in text


def remedy(**changes: Any) -> Remedy:
    """The way out of a tiny instance with 4,500 requests/s by day."""
    found = of(**changes).remedy
    assert found is not None
    return found


def optimum(**changes: Any) -> float:
    """What a plan costs where the limit is wide enough from the start."""
    slices = {"day": 1.5, "night": 0.5}
    workloads = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": RATE, "slice_factors": slices}]}}}
    return solve(tiny_instance(**merge({"workloads": workloads}, changes)), SolveOptions(gap=0.0)).plan.objective_usd


def test_the_way_out_is_in_words_and_costs_what_solving_says() -> None:
    """With the 27 servers more that the words ask for in the first quarter, the instance costs what is said."""
    few = {"id": "few", "systems": ["gpu8"]}
    found = remedy(supply={"limits": [{**few, "units_per_period": [10.0]}]})
    more = units() - 10
    assert found.text.startswith(f"Raise the supply of gpu8 (limit 'few') by {more} units in 2027q1 (B1): the plan")
    assert found.law == ""
    raised = optimum(supply={"limits": [{**few, "units_per_period": [10.0 + more, 10.0]}]})
    assert found.cost_usd == pytest.approx(raised, rel=2e-3)


def test_the_cheaper_of_two_ways_is_taken() -> None:
    """Two limits in the way of the same servers are both named; one alone would not do, and neither would any less."""
    space, supply = {"slots": 3}, {"limits": [{"id": "few", "systems": ["gpu8"], "units_per_period": [10.0]}]}
    found = remedy(sites={"virginia": {"space": space}}, supply=supply)
    assert {f.equation: f.shortfall for f in found.relaxations} == {"S1": units() - 3, "B1": units() - 10}
    supply_text = f"Raise the supply of gpu8 (limit 'few') by {units() - 10} units in 2027q1 (B1)"
    text = f"{supply_text} and add {units() - 3} slots at "
    assert found.text.startswith(text + "virginia from 2027q1 to 2027q2 (S1): the plan then costs $")


def test_of_two_sites_the_one_whose_power_is_short_of_less_is_relaxed() -> None:
    """Virginia has power for 4 servers, Texas for one fewer than all but those: one server's 12.5 kW more will do."""
    has = {"virginia": 50.0, "texas": (units() - 5) * 12.5}
    sites = {
        name: {"jurisdiction": "us", "power": {"pue_peak": 1.25, "sources": [{"id": "grid", "existing_kw": kw}]}}
        for name, kw in has.items()
    }
    links = [{"a": "east", "b": name, "rtt_ms": 20.0} for name in has]
    [asked] = (f for f in remedy(sites=sites, network={"links": links}).relaxations if f.index[1] == "2027q1")
    assert asked.equation == "P1" and asked.shortfall == pytest.approx(12.5, rel=0.03)


def test_law_is_never_suggested() -> None:
    """A licence for 10 servers: what is asked is to leave demand unserved, and the licence is named as law."""
    trade = {
        "rules": [{"id": "any-chip", "destinations": ["CN"], "effect": "licence"}],
        "licences": [{"id": "deal", "systems": ["gpu8"], "jurisdiction": "us", "max_units": 10.0}],
    }
    found = remedy(jurisdictions=[{"id": "us", "country": "CN"}], trade=trade)
    assert {f.equation for f in found.relaxations} == {"D1"}
    assert found.text.startswith("Leave ") and "unserved" in found.text
    assert f"be licensed for {units() - 10} units more under 'deal' (X1)" in found.law and "law" in found.law


def test_a_large_model_finds_whole_units_near_the_fractions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search near the answer with fractions asks for the same whole servers as that of everything at once."""
    monkeypatch.setattr(relax_module, "FEW_WHOLE", -1)
    found = of(supply={"limits": [{"id": "few", "systems": ["gpu8"], "units_per_period": [10.0]}]})
    assert [(f.equation, f.shortfall) for f in found.findings] == [("B1", units() - 10)]
    assert found.remedy is not None and found.remedy.cost_usd is not None


def test_without_a_whole_answer_the_fractions_are_told_rounded_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no whole answer comes near enough, whole amounts are rounded up, which the cost then shows to be enough."""
    monkeypatch.setattr(relax_module, "FEW_WHOLE", -1)
    monkeypatch.setattr(relax_module, "NEAR", -0.5)
    found = of(supply={"limits": [{"id": "few", "systems": ["gpu8"], "units_per_period": [10.0]}]})
    assert [(f.equation, f.shortfall) for f in found.findings] == [("B1", units() - 10)]
    assert found.remedy is not None and found.remedy.cost_usd is not None


def test_a_long_list_is_cut_in_words_only() -> None:
    """Of ten limits the seven dearest are said; the others are counted."""
    m = build(tiny_instance(), candidates(tiny_instance()), offers(tiny_instance()).offers).context
    text = sentence(m, [Relaxation("G2", (f"limit{n}", "at_most", "2027q1"), 1.0, 1.0) for n in range(10)])
    assert text.count("(G2)") == 7 and text.endswith("and relax 3 more limits (diagnosis.json lists them)")


def test_periods_of_one_limit_are_told_together() -> None:
    """3 MW in two quarters is one clause from the first to the last; what differs is `up to`."""
    m = build(tiny_instance(), candidates(tiny_instance()), offers(tiny_instance()).offers).context
    both = [Relaxation("P1", ("virginia", t), 3000.0, 1.0) for t in ("2027q1", "2027q2")]
    assert sentence(m, both) == "Let virginia have 3 MW more firm power from 2027q1 to 2027q2 (P1)"
    more = [both[0], Relaxation("P1", ("virginia", "2027q2"), 1.0, 1.0)]
    assert sentence(m, more) == "Let virginia have up to 3 MW more firm power from 2027q1 to 2027q2 (P1)"


def test_every_equation_has_words_or_a_reason() -> None:
    """Each equation can be relaxed at a price in words, or says why it never is; nothing else is listed."""
    assert RELAXED.keys() | KEPT.keys() == EQUATIONS.keys()
    assert not RELAXED.keys() & KEPT.keys()
    assert all(reason.strip() for reason in KEPT.values())


@pytest.mark.parametrize("id_", RELAXED)
def test_words_use_the_index_of_their_equation(id_: str) -> None:
    """The words of a rule have places for its own index names, the amount and the periods only."""
    names = {name.replace(" ", "_") for name in EQUATIONS[id_].index.split(", ")}
    used = {field for _, field, _, _ in Formatter().parse(RELAXED[id_].ask) if field}
    assert used <= names | {"amount", "when"}


@pytest.mark.parametrize("id_", sorted(set(RELAXED)))
def test_every_price_is_a_price(id_: str) -> None:
    """On the instance that exercises every equation each relaxation has a positive price."""
    built = rich_model()
    rows = [index for of_, index in built.rows.values() if of_ == id_]
    assert rows, f"the rich case has no row of {id_}"
    assert all(RELAXED[id_].price(built.context, index) > 0 for index in rows)
