"""The report on prefix caches: what is found, for whom, in how much memory."""

import pytest
from everything import rich_instance, rich_plan

from fleetopt.plan import Plan
from fleetopt.report.markdown import plan_markdown
from fleetopt.report.prefix import prefix_section
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


def test_levels_and_shared_prompts_have_a_row() -> None:
    """60/s x 8,000 tokens x 131,072 bytes x 600 s are 37.75 TB; 50 % found there, 10 % in 1.31 TB of shared prompts."""
    rows = [line for line in prefix_section(the_plan(), rich_instance()) if line.startswith("| docs")]
    assert rows == [
        "| docs | 10.0 min | 60.0 % | 100.0 % | 37.75 TB |",
        "| docs | shared prompts | 10.0 % | – | 1.31 TB |",
    ]


def test_without_a_reuse_curve_there_is_no_section() -> None:
    """The page of an instance that has no curve does not speak of caches."""
    instance = rich_instance()
    plain = tuple(w.model_copy(update={"reuse_curve": None}) for w in instance.workloads)
    assert "Prefix caches" in plan_markdown(the_plan(), instance)
    assert "Prefix caches" not in plan_markdown(the_plan(), instance.model_copy(update={"workloads": plain}))


@pytest.mark.parametrize(("basis", "said"), [("lower_bound", "lower bound"), ("parametric", "not measured")])
def test_a_curve_that_is_no_plain_measurement_says_so(basis: str, said: str) -> None:
    """A line below the table says what the curve rests on; nothing is said of a measured one."""
    instance = rich_instance()
    marked = tuple(
        w.model_copy(update={"reuse_curve": w.reuse_curve.model_copy(update={"basis": basis})}) if w.reuse_curve else w
        for w in instance.workloads
    )
    section = prefix_section(the_plan(), instance.model_copy(update={"workloads": marked}))
    assert section[-2].startswith("docs: ") and said in section[-2] and section[-1] == ""
    assert not any("docs: " in line for line in prefix_section(the_plan(), instance))
