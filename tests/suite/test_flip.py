"""A flip is bracketed by halves, every flip that shows is found, and what cannot be known is said."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import SRAM, tiny_instance
from coursed import Plan, buying, driven, finished, value_of

from fleetopt.suite.facts import Fact
from fleetopt.suite.flip import FlipFound, ReadyFlip, flip_course
from fleetopt.suite.flip_report import cautions, flip_data, flip_markdown, flip_page, verdict
from fleetopt.suite.parameter import Varied, axis
from fleetopt.suite.runs import Run, ScenarioResult

USES = Fact.model_validate({"uses": {"system": "wafer"}})
SCALE = "workloads.chat.demand.scale"


def asked(between: tuple[Any, Any] = (1, 9), fact: Fact = USES, **fields: Any) -> ReadyFlip:
    """A question about a scale of demand."""
    varied = {key: fields.pop(key) for key in ("scale", "values", "path") if key in fields}
    given = {"path": SCALE, **varied} | ({} if "values" in varied else {"between": between})
    instance = tiny_instance(systems={"wafer": SRAM}).model_dump(mode="json")
    line = axis(Varied.model_validate(given), instance)
    return ReadyFlip("demand", "", Path("x.yaml"), (), line, fact, **fields)


def above(limit: float) -> Any:
    """Solves with a wafer from a limit on; each unit of the parameter costs 10."""

    def solve(run: Run) -> Plan:
        value = value_of(run)
        return buying("wafer" if value >= limit else "gpu8", 10.0 * value)

    return solve


def test_halves_until_the_bracket_is_narrow() -> None:
    """Between 1 and 9 with a flip at 6: 1 and 9, then 5, 7, 6, 5.5: done when 10 % apart, after six runs."""
    found, batches = driven(flip_course(asked(within=0.1)), above(6))
    assert [[value_of(run) for run in batch] for batch in batches] == [[1, 9], [5], [7], [6], [5.5]]
    [bracket] = found.brackets
    assert (bracket.first.value, bracket.second.value) == (5.5, 6)
    assert bracket.holds is bracket.second and bracket.fails is bracket.first
    assert found.solves == 6
    assert [run.name for batch in batches for run in batch] == [f"{n:02d}" for n in range(1, 7)]


def test_both_plans_and_what_changes_between_them() -> None:
    """At the bracket one gpu8 server goes and one wafer comes; the costs of both ends are there."""
    found, _ = driven(flip_course(asked(within=0.1)), above(6))
    [bracket] = found.brackets
    assert (bracket.first.cost_usd, bracket.second.cost_usd) == (55, 60)
    assert [text.split(":")[0] for text in bracket.changes] == ["new", "dropped"]
    assert {plan["purchases"][0]["system"] for plan in found.plans.values()} == {"gpu8", "wafer"}


def test_a_question_may_run_downwards() -> None:
    """From 9 down to 1 the fact holds first, and the first value where it fails comes second."""
    found, _ = driven(flip_course(asked((9, 1), within=0.1)), above(6))
    [bracket] = found.brackets
    assert bracket.first.state == "holds" and bracket.second.value < 6 <= bracket.first.value
    assert verdict(found).startswith("From 5.5 on the plan does not use wafer; at 6 the plan uses wafer")


def test_no_flip_is_said_after_two_runs() -> None:
    """Where both ends agree nothing more is solved, and it is said that more points could show more."""
    found, batches = driven(flip_course(asked()), above(100))
    assert len(batches) == 1 and found.brackets == () and found.at is None
    assert "No flip from 1 to 9: the plan does not use wafer at both ends." in verdict(found)
    assert "only with more points" in verdict(found)
    assert found.plans.keys() == {"01", "02"}


def test_probes_find_what_flips_twice() -> None:
    """Used only from 4 to 6 of 1 to 9: both ends agree; with three probes both flips are found and refined."""

    def solve(run: Run) -> Plan:
        return buying("wafer" if 4 <= value_of(run) <= 6 else "gpu8")

    assert driven(flip_course(asked()), solve)[0].brackets == ()
    found, batches = driven(flip_course(asked(points=3, within=0.1)), solve)
    assert [value_of(run) for run in batches[0]] == [1, 3, 5, 7, 9]
    assert [(b.first.state, b.second.state) for b in found.brackets] == [
        ("does not hold", "holds"),
        ("holds", "does not hold"),
    ]
    assert len(batches[1]) == 2


def test_a_log_line_halves_the_ratio() -> None:
    """From 1 to 100 the first half is 10."""
    _, batches = driven(flip_course(asked((1, 100), scale="log", within=0.5)), above(50))
    assert [value_of(run) for run in batches[1]] == [10]


def test_lists_and_periods_are_halved_by_place() -> None:
    """Eight quarters take two ends and three halves; the bracket is two neighbours."""
    flip = asked(("2027q1", "2028q4"), path="sites.virginia.power.sources.grid.id")
    found, batches = driven(flip_course(flip), lambda run: buying("wafer" if value_of(run) >= "2028q2" else "gpu8"))
    assert sum(map(len, batches)) == 5
    assert found.brackets[0].said == "2028q1 to 2028q2"
    listed = asked(values=["a", "b", "c"], path="sites.virginia.power.sources.grid.id")
    found, _ = driven(flip_course(listed), lambda run: buying("wafer" if value_of(run) == "a" else "gpu8"))
    assert found.brackets[0].said == "a to b" and found.lies(("a", "c")) and not found.lies(("b", "c"))


def test_whole_numbers_are_halved_to_neighbours() -> None:
    """`chips` takes whole numbers: from 1 to 9 with a flip at 6 the bracket is 5 and 6."""
    found, batches = driven(flip_course(asked(path="systems.gpu8.chips")), above(6))
    assert all(isinstance(value_of(run), int) for batch in batches for run in batch)
    assert found.brackets[0].said == "5 to 6"


def test_where_there_is_no_plan_is_a_flip_of_its_own() -> None:
    """Infeasible from 8 on: the bracket is between a plan and none, and says so."""

    def solve(run: Run) -> Plan:
        return {"status": "infeasible"} if value_of(run) >= 8 else buying("gpu8")

    found, _ = driven(flip_course(asked(within=0.05)), solve)
    assert [(b.first.state, b.second.state) for b in found.brackets] == [("does not hold", "infeasible")]
    assert verdict(found).startswith("From 8 on there is no plan; at 7.75 the plan does not use wafer")
    feasible = asked(within=0.05, fact=Fact(feasible=True))
    found, _ = driven(flip_course(feasible), solve)
    assert [(b.first.state, b.second.state) for b in found.brackets] == [("holds", "does not hold")]
    assert all(point.proven for point in found.points)


def test_a_run_without_an_answer_ends_its_branch() -> None:
    """Where the middle fails nothing is known between the ends, nothing more is asked, and the answer says so."""

    def solve(run: Run) -> Plan | ScenarioResult:
        if 2 < value_of(run) < 8:
            return finished(run, {}, 1, "no memory")
        return buying("wafer" if value_of(run) >= 8 else "gpu8")

    found, batches = driven(flip_course(asked()), solve)
    assert len(batches) == 2 and found.brackets == ()
    assert "What is true at 5 is not known" in verdict(found)


def test_solves_are_limited() -> None:
    """With `most_solves` 4, two halves are looked at and the bracket is as wide as that."""
    found, _ = driven(flip_course(asked(within=1e-6, most_solves=4)), above(6))
    assert found.solves == 4 and found.brackets[0].said == "5 to 7"


def test_a_proof_walks_outwards_until_going_without_is_dearer() -> None:
    """Without the wafer 102 is bound at 6 and 130 at 7, against plans of 103 and 110: proven at 7, worth 20 to 22."""
    from fleetopt.instance.overrides import Override

    without = (Override("systems.wafer.enabled", False),)

    def solve(run: Run) -> Plan:
        value = value_of(run)
        if len(run.overrides) > 1:
            return buying("gpu8", 104.0 if value < 7 else 131.0, 102.0 if value < 7 else 130.0)
        if value < 6:
            return buying("gpu8", 100.0)
        return buying("wafer", 103.0 if value < 7 else 110.0, 102.5 if value < 7 else 109.0)

    found, batches = driven(flip_course(asked(within=0.1, without=without)), solve)
    assert [(w.shown, w.least_usd, w.most_usd, w.proven) for w in found.worths] == [
        ("6", -1.0, 1.5, False),
        ("7", 20.0, 22.0, True),
    ]
    assert [point.shown for point in found.points if point.proven] == ["7"]
    assert [len(batch) for batch in batches[-2:]] == [1, 1]
    assert any("At 7 going without costs $20 to $22 more: proven" in text for text in cautions(found))
    assert any("At 6 going without costs at most $1.50 more, which is within the gaps" in t for t in cautions(found))


def test_the_gap_is_said_where_nothing_is_proven() -> None:
    """A plan of 60 with bound 59 could be 1 dearer than another way."""
    found, _ = driven(
        flip_course(asked(within=0.1)), lambda run: {**above(6)(run), "bound_usd": 10 * value_of(run) - 1}
    )
    assert "At 6 the plan costs $60; another way could be up to $1 cheaper, no more (the gap)." in cautions(found)


def test_pages_say_the_same() -> None:
    """Text, page and data have the verdict, every value looked at, and nothing of the instance that is not harmless."""
    found, _ = driven(flip_course(asked(within=0.1)), above(6))
    hostile = replace(found, title="<script>|x|")
    text, page = flip_markdown(hostile), flip_page(hostile)
    assert "<script>" not in text and "<script>|x|" not in page
    assert text.count("`0") == 6 and "From 6 on the plan uses wafer" in text
    data = flip_data(found)
    assert "plans" not in data and data["said"] == verdict(found) and len(data["points"]) == 6


@pytest.mark.parametrize("between, lies", [((5, 7), True), ((7, 5), True), ((6, 9), False)])
def test_a_bracket_lies_between_values(between: tuple[float, float], lies: bool) -> None:
    """5.5 to 6 lies between 5 and 7, whichever way round, and not between 6 and 9."""
    found, _ = driven(flip_course(asked(within=0.1)), above(6))
    assert isinstance(found, FlipFound) and found.lies(between) is lies
