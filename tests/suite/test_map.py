"""A map asks for its whole plane at once, then for where each row flips."""

from pathlib import Path
from typing import Any

from builders import SRAM, tiny_instance
from coursed import Plan, buying, driven

from fleetopt.suite.facts import Fact
from fleetopt.suite.map import MapFound, ReadyMap, map_course
from fleetopt.suite.map_report import map_figure, map_markdown, map_page, summary
from fleetopt.suite.parameter import Varied, axis
from fleetopt.suite.runs import Run

USES = Fact.model_validate({"uses": {"system": "wafer"}})


def asked(x: dict[str, Any], columns: int = 1, **fields: Any) -> ReadyMap:
    """Demand from left to right, the price of the server from top to bottom."""
    instance = tiny_instance(systems={"wafer": SRAM}).model_dump(mode="json")
    across = axis(Varied.model_validate({"path": "workloads.chat.demand.scale", **x}), instance)
    down = axis(Varied.model_validate({"path": "systems.gpu8.price.scale", "values": [1, 2]}), instance)
    given: dict[str, Any] = {"boundary": False, "within": 0.1, "fact": USES} | fields
    places = across.all() if across.steps else across.spread(columns)
    return ReadyMap("m", "", Path("x.yaml"), (), across, down, places, down.all(), folder="maps/m/", **given)


def solve(run: Run) -> Plan:
    """A wafer from a demand of 6 on, or of 3 where the server is twice as dear; no plan above 8.5."""
    demand, price = (override.value for override in run.overrides)
    if demand > 8.5:
        return {"status": "infeasible"}
    return buying("wafer" if demand >= 6 / price else "gpu8", 10.0 * demand)


def states(found: MapFound) -> list[list[str]]:
    """By row and column."""
    return [[cell.state for cell in row.cells] for row in found.rows]


def test_all_cells_are_asked_for_at_once() -> None:
    """Two rows of three columns are one batch of six runs, named by place."""
    found, batches = driven(map_course(asked({"between": (1, 9)})), solve)
    assert [len(batch) for batch in batches] == [6] and found.solves == 6
    assert batches[0][0].name == "maps/m/x01-y01" and batches[0][-1].name == "maps/m/x03-y02"
    assert found.columns == ("1", "5", "9") and [row.y for row in found.rows] == ["1", "2"]
    assert states(found) == [["does not hold", "does not hold", "infeasible"], ["does not hold", "holds", "infeasible"]]


def test_boundaries_are_bisected_row_by_row() -> None:
    """In the first row the wafer enters at 6 and plans end at 8.5; in the second it enters at 3."""
    found, batches = driven(map_course(asked({"between": (1, 9)}, boundary=True, within=0.05)), solve)
    first, second = found.rows
    assert [(one.state, two.state) for one, two in first.boundary] == [
        ("does not hold", "holds"),
        ("holds", "infeasible"),
    ]
    (low, high), (last, none) = first.boundary
    assert low.value < 6 <= high.value and last.value <= 8.5 < none.value
    assert second.boundary[0][0].value < 3 <= second.boundary[0][1].value
    assert len(batches) > 3 and found.solves == sum(map(len, batches))
    assert len({run.name for batch in batches for run in batch}) == found.solves


def test_a_list_of_values_is_not_bisected() -> None:
    """With values 1, 5 and 8 there is nothing between them; the boundary is where neighbours differ."""
    found, batches = driven(map_course(asked({"values": [1, 5, 8]}, boundary=True)), solve)
    assert len(batches) == 1
    assert [(one.shown, two.shown) for one, two in found.rows[0].boundary] == [("5", "8")]


def test_pages_of_a_map() -> None:
    """The table says yes, no and no plan with costs, and where rows flip; picture and page have every cell."""
    found, _ = driven(map_course(asked({"between": (1, 9)}, boundary=True, within=0.1)), solve)
    text = map_markdown(found)
    assert "| 1 | no $10 | no $50 | no plan | 5.5 to 6; 8.5 to 9 |" in text
    assert summary(found) == "The plan uses wafer at 1 of 6 pairs of values."
    figure = map_figure(found)
    assert str(figure.wide).count("<rect") == 12 and len(figure.rows) == 2
    assert {entry.name for entry in figure.legend} == {"uses wafer", "does not use wafer", "no plan"}
    assert "maps/m/x02-y02" in map_page(found)
