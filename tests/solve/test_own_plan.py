"""A planner's plan from CSV files: every form that is read, and everything that is refused, at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import tiny_instance

from fleetopt.errors import InputError
from fleetopt.instance.schema import Instance
from fleetopt.solve.own_plan import OwnPlan, read_own_plan

Write = Callable[..., Path]
MEMORY = [{"id": "nvme", "kind": "nvme", "unit_gb": 1000.0, "price": {"usd_per_gb": 0.5}}]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a table from its lines."""

    def written(*lines: str, name: str = "plan.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return written


def read(*paths: Path, instance: Instance | None = None) -> OwnPlan:
    return read_own_plan(paths, instance or tiny_instance(memory=MEMORY))


def problems(*paths: Path) -> list[str]:
    """What is wrong, without the folder."""
    with pytest.raises(InputError) as caught:
        read(*paths)
    return [str(issue).replace(str(paths[0].parent) + "/", "") for issue in caught.value.issues]


def test_the_shortest_form(write: Write) -> None:
    """Period, site, system and units are enough; bought is what is meant, and only systems are told of."""
    own = read(write("period,site,system,units", "2027q1,virginia,gpu8,4", "", "2027q2, virginia ,gpu8,2"))
    assert [(w.period, w.site, w.item, w.amount, w.acquisition) for w in own.wishes] == [
        ("2027q1", "virginia", "gpu8", 4.0, "buy"),
        ("2027q2", "virginia", "gpu8", 2.0, "buy"),
    ]
    assert own.kinds == {"systems"} and own.wishes[1].place.line == 4


@pytest.mark.parametrize(
    "header, row, kind",
    [
        ("period,site,tier,gb", "2027q1,virginia,nvme,2000", "memory"),
        ("period,site,source,power_kw", "2027q1,virginia,grid,100", "power"),
        ("site,period", "virginia,2027q1", "sites"),
        ("period,site,system,cohort,units", "2027q1,virginia,gpu8,old,3", "retirements"),
        ("period,site,item,units", "2027q1,virginia,gpu8,3", "systems"),
    ],
)
def test_the_header_tells_what_a_table_is_of(write: Write, header: str, row: str, kind: str) -> None:
    """Each kind has a header of its own; its table makes that kind told of, even without rows."""
    [wish] = read(write(header, row)).wishes
    assert wish.kind == kind
    empty = read(write(header))
    assert empty.wishes == () and empty.kinds == {"systems", kind}


def test_a_column_says_the_kind_of_each_row(write: Write) -> None:
    """One table may hold everything; only the kinds that occur are told of."""
    own = read(
        write("kind,period,site,item,units,gb", "systems,2027q1,virginia,gpu8,3,", "memory,2027q1,virginia,nvme,,9e3")
    )
    assert [(w.kind, w.item, w.amount, w.measure) for w in own.wishes] == [
        ("systems", "gpu8", 3.0, "units"),
        ("memory", "nvme", 9000.0, "gb"),
    ]
    assert own.kinds == {"systems", "memory"}


def test_everything_wrong_is_said_at_once(write: Write) -> None:
    """Unknown system, site and period, no number, half a unit and a misspelt acquisition, each at its line."""
    found = problems(
        write(
            "period,site,system,units,acquisition",
            "2027q1,virginia,gpu,4,buy",
            "2031q1,virgina,gpu8,many,buy",
            "2027q1,virginia,gpu8,1.5,",
            "2027q1,virginia,gpu8,-1,rented",
        )
    )
    assert found == [
        "plan.csv:2: system: there is no system 'gpu' here; did you mean 'gpu8'?",
        "plan.csv:3: site: there is no site 'virgina' here; did you mean 'virginia'?",
        "plan.csv:3: period: '2031q1' is not in the horizon; try one from 2027q1 to 2027q2",
        "plan.csv:3: units: 'many' is not a number from 0; try a number",
        "plan.csv:4: units: 1.5 is not a whole number of units; try 2",
        "plan.csv:5: acquisition: there is no 'rented'; did you mean 'rent'?",
        "plan.csv:5: units: '-1' is not a number from 0; try a number",
    ]


@pytest.mark.parametrize(
    "lines, message",
    [
        (("period,site,system,unit", "a,b,c,1"), "1: unit: unknown column; did you mean 'units'?"),
        (("site,system,units", "b,c,1"), "1: period: the column is missing; try adding period"),
        (("period,site,system", "a,b,c"), "1: units: the column is missing; try adding units"),
        (("period,site,units", "a,b,1"), "1: system: the column is missing; try adding system"),
        (("period,site,system,units,units", "a,b,c,1,2"), "1: units: the column stands twice"),
        (("period,site,system,units", "2027q1,virginia"), "2: the row does not have the header's 4 fields"),
        (("kind,period,site,item", "disks,2027q1,virginia,x"), "2: kind: there is no kind 'disks'"),
        (("kind,period,site,item", "systems,2027q1,virginia,gpu8"), "2: units: how much is not said; try a number"),
        (('period,site,system,units\n"2027q1', ""), "1: this is not a CSV table"),
        (("period,site,system,units", "2027q1,virginia,gpu8,inf"), "2: units: 'inf' is not a number"),
    ],
)
def test_tables_that_cannot_be_read(write: Write, lines: tuple[str, ...], message: str) -> None:
    """A column too many, too few or twice, a ragged row, an unknown kind, no amount, no CSV: said with the line."""
    assert problems(write(*lines))[0].startswith(f"plan.csv:{message}")


def test_problems_of_several_files_are_said_together(write: Write, tmp_path: Path) -> None:
    """Every file is read before anything is refused; one that is not there is a problem like any other."""
    one = write("period,site,system,units", "2027q1,virginia,gpu,4")
    two = write("period,site,tier,units", "2027q1,virginia,disk,4", name="memory.csv")
    assert [text.split(":")[0] for text in problems(one, two, tmp_path / "none.csv")] == [
        "plan.csv",
        "memory.csv",
        "none.csv",
    ]
