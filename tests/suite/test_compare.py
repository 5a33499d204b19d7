"""The comparison has the rows that differ, and no others."""

import csv
import io
from typing import Any

from fleetopt.plan import Deployment, MemoryPurchase, Placement, Plan, PowerBuild, Purchase, SiteOpening, TrainingRun
from fleetopt.suite.compare import Row, figures, rows
from fleetopt.suite.sweeps import Swept
from fleetopt.suite.tables import TextTable
from fleetopt.suite.write import csv_text, name, page, shown, sweep_csv


def purchase(system: str, units: float, acquisition: Any = "buy") -> Purchase:
    """Units of a system at one site."""
    return Purchase("2027", "oslo", system, "v", acquisition, units, units, 1.0, 0.0, "", units, "2027", "2027", "2027")


def deployment(id_: str, system: str, stage: str = "aggregated") -> Deployment:
    """A candidate of the workload `chat`."""
    return Deployment(id_, "chat", "oslo", system, stage, "none", "fp8", "fp8", 1, 1, 1, 1.0, False, 1.0, 1.0, {})


def placement(id_: str, rate_per_s: float) -> Placement:
    """A rate of one bucket in one slice."""
    return Placement(id_, "2027", "day", 1.0, {"b": rate_per_s}, 0.5, 0.1, 0.01, True)


def plan(**fields: Any) -> dict[str, Any]:
    """plan.json of a plan of 5 M$, 3 M$ of it for systems."""
    costs = {"systems": 3e6, "energy": 2e6}
    return Plan("x", "optimal", 5e6, 4.9e6, 0.02, 0.02, costs, ("2027",), **fields).as_dict()


def test_equal_plans_differ_in_nothing() -> None:
    """Two equal plans have no row."""
    assert rows([plan(), plan()]) == []


def test_only_rows_that_differ_are_kept() -> None:
    """3 units of `a` in both are left out; 1 against 2 units of `b` is the only row."""
    one = plan(purchases=(purchase("a", 3), purchase("b", 1)))
    two = plan(purchases=(purchase("a", 1), purchase("a", 2), purchase("b", 2)))
    assert rows([one, two]) == [Row("bought", "b", "units", (1.0, 2.0))]


def test_a_scenario_without_a_plan_costs_nothing_known() -> None:
    """Infeasible is not free: its figures are empty in the CSV and a dash on the page, and lines of 0 stay left out."""
    free = Plan("x", "optimal", 5e6, 4.9e6, 0.02, 0.02, {"systems": 5e6, "energy": 0.0}, ("2027",)).as_dict()
    found = {name(row): row for row in rows([free, {"status": "infeasible"}])}
    assert found.keys() == {"result: status", "result: cost, M$", "result: bound, M$", "cost: systems, M$"}
    assert found["result: cost, M$"].values == (5e6, "")
    assert "| result: cost, M$ | 5 | – |" in page("x", ["a", "b"], list(found.values()), [])


def test_missing_figures_are_nothing() -> None:
    """What one plan has and the other lacks is 0 there, or an empty text."""
    run = TrainingRun("run", "k", "oslo", "a", 4, 32, 1, "bf16", 0.4, 0.9, 1.0, 0.8, 1.3, "", {"2027": 1.0})
    one = plan(
        memory_purchases=(MemoryPurchase("2027", "oslo", "dram", "buy", 2, 2000.0, 1.0, 2.0, "2027"),),
        power_builds=(PowerBuild("2027", "oslo", "grid", 2, 2000.0, 1.0, "2027"),),
        sites_opened=(SiteOpening("oslo", "2027", "2027", 1.0),),
        training_runs=(run,),
        purchases=(purchase("a", 1, "rent"),),
    )
    values = {name(row): row.values for row in rows([one, plan()])}
    assert values == {
        "rented: a, contracts x units": (1.0, 0.0),
        "memory: dram (buy), TB": (2000.0, 0.0),
        "power: grid in oslo, MW": (2000.0, 0.0),
        "site opened: oslo": ("2027", ""),
        "trained on: run": ("4 a in oslo", ""),
    }


def test_served_shares_count_answers_once() -> None:
    """30/s decoded on `a` and 10/s whole on `b` are 75 % and 25 %, whatever prefilled them."""
    found = figures(
        plan(
            deployments=(deployment("d", "a", "decode"), deployment("w", "b"), deployment("p", "c", "prefill")),
            placements=(placement("d", 30), placement("w", 10), placement("p", 30)),
        )
    )
    assert found["served by", "chat on a", "%"] == 75
    assert found["served by", "chat on b", "%"] == 25
    assert found["served by", "chat prefill on c", "%"] == 100


def test_a_scenario_that_did_not_run_shows_as_such() -> None:
    """A plan beside an infeasible one and one that did not run: the status row says so."""
    [status, *_] = rows([plan(), {"status": "infeasible"}, {}])
    assert status.values == ("optimal", "infeasible", "did not run")


def test_the_page_shows_readable_units_and_the_csv_full_figures() -> None:
    """1,234,567.8 USD is 1.23 M$ on the page and the figure itself in the CSV."""
    row = Row("cost", "systems", "USD", (1234567.8, 0.0))
    assert [shown(value, "USD") for value in row.values] == ["1.23", "0"]
    assert shown(1500.0, "kW") == "1.5"
    assert "| cost: systems, M$ | 1.23 | 0 |" in page("t", ["a", "b"], [row], [])
    lines = list(csv.reader(io.StringIO(csv_text(["a", "b"], [row]))))
    assert lines[1] == ["cost", "systems", "USD", "1234567.8", "0.0"]


def test_what_a_suite_says_is_no_markup_and_no_formula() -> None:
    """Titles and texts stand in Markdown as they are written; text that begins as a formula gets an apostrophe."""
    table = TextTable("s", "<b>", "", ("a", "n"), (("[x](y)", "+1.50 %"),), ("n",))
    text = page("<script>\n# x", ["a", "b"], [], [], [table])
    assert text.startswith("# &lt;script&gt; \\# x\n")
    assert "## &lt;b&gt;" in text and "| \\[x\\](y) | +1.50 % |" in text
    sweep = Swept("s", "", {"s-1": {"title": "=cmd|x"}, "s-2": {"title": -2}}, True)
    assert sweep_csv(sweep, {"s-1": {}, "s-2": {}}).splitlines()[1:] == ["s-1,'=cmd|x,,,", "s-2,-2,,,"]
    row = Row("plan", "why", "", ("-x", -1.5))
    assert csv_text(["a", "b"], [row]).splitlines()[1] == "plan,why,,'-x,-1.5"


def test_where_nothing_differs_there_is_no_table() -> None:
    """Equal plans get a sentence, not a head without rows."""
    text = page("t", ["a", "b"], [], [])
    assert "No figure differs between 2 scenarios." in text
    assert "|" not in text


def test_figures_of_a_table_stand_to_the_right_on_the_page() -> None:
    """Columns that the table names as figures are numbers on the page too, and text stays text."""
    table = TextTable("s", "S", "", ("a", "n"), (("x", "1.50"),), ("n",))
    [view] = table.section().views
    assert [column.numeric for column in view.table.columns] == [False, True]
