"""A digest says of a plan what the plan says of itself."""

from pathlib import Path
from typing import Any

import pytest
from everything import rich_instance, rich_plan

from fleetopt.instance.load import load
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.pipeline.folder import to_json
from fleetopt.suite.compare import figures
from fleetopt.suite.digest import digest
from fleetopt.suite.facts import Fact, truth
from fleetopt.suite.figures import MISSING, Figure, check, figure, names

SHOWN = pytest.approx


@pytest.fixture(scope="module")
def rich() -> dict[str, Any]:
    """A plan with something of everything."""
    return rich_plan()


def test_comparisons_of_a_digest_are_those_of_its_plan(rich: dict[str, Any]) -> None:
    """Every row of the comparison is the same from either, to nine digits."""
    one, two = figures(rich), figures(digest(rich))
    assert one.keys() == two.keys()
    for key, value in one.items():
        assert two[key] == (value if isinstance(value, str) else SHOWN(value, rel=1e-8)), key


def test_facts_of_a_digest_are_those_of_its_plan(rich: dict[str, Any]) -> None:
    """Every system, site, tier, source, workload and stage is used by both or by neither."""
    instance = rich_instance()
    looks: list[dict[str, Any]] = [{"system": s.id} for s in instance.systems]
    looks += [{"system": s.id, "workload": w.id} for s in instance.systems for w in instance.workloads]
    looks += [{"site": s.id} for s in instance.sites] + [{"tier": m.id} for m in instance.memory]
    looks += [{"stage": stage} for stage in ("prefill", "decode", "aggregated")]
    looks += [{"tier": m.id, "workload": w.id} for m in instance.memory for w in instance.workloads]
    facts = [Fact.model_validate({"uses": look}) for look in looks]
    assert [truth(f, digest(rich)).state for f in facts] == [truth(f, rich).state for f in facts]
    assert {truth(f, rich).state for f in facts} == {"holds", "does not hold"}


def test_a_digest_is_small(rich: dict[str, Any]) -> None:
    """It takes less than a tenth of the plan's room."""
    assert len(to_json(digest(rich))) < len(to_json(rich)) / 5


def test_without_a_plan_only_the_status_is_kept() -> None:
    """An infeasible run and one that did not run."""
    assert digest({"status": "infeasible", "more": 1}) == {"status": "infeasible"}
    assert digest({}) == {}


def test_figures_by_name(root: Path) -> None:
    """The tutorial mix: 44 GPU servers and 1 SRAM machine, which serves all of premium and some of standard."""
    instance = load(root / "instances" / "tutorial" / "mix.yaml").instance
    plan = digest(solve(instance, SolveOptions(gap=0.0)).plan.as_dict())

    def value(name: str) -> Any:
        steps = tuple(name.split("."))
        check(steps, names(instance))
        return figure(plan, steps).value

    assert value("bought.gpu-server") == 44 and value("bought.sram-machine") == 1 and value("bought") == 45
    assert value("rented") == 0 and value("spent.sram-machine") == 1e6 and value("chips.gpu-server") == 44
    shares = value("share.standard.gpu-server"), value("share.standard.sram-machine")
    assert value("share.premium.sram-machine") == 1 and sum(shares) == SHOWN(1.0) and 0.7 < shares[0] < 0.9
    assert value("site_share.premium.hall") == 1 and value("pools.premium") == 0
    assert value("prefill_share.premium.gpu-server") == 0
    assert value("main.standard") == "gpu-server" and value("status") == "optimal"
    assert value("line.systems") + value("line.energy") == SHOWN(value("cost"))
    assert value("gap") == SHOWN(1 - value("bound") / value("cost"), abs=1e-9)
    assert value("power") == 0 and value("power.grid") == 0 and value("opened.hall") == "never"
    assert value("unserved.premium") == 0


def test_a_run_without_a_plan_has_no_figures() -> None:
    """A dash, but for its status."""
    assert figure({"status": "infeasible"}, ("cost",)) == MISSING
    assert figure({"status": "infeasible"}, ("status",)) == Figure("infeasible")


@pytest.mark.parametrize(
    "name, message",
    [
        ("costs", "there is no figure 'costs' of a plan; did you mean 'cost'"),
        ("bought.servr", "there is no system 'servr'; did you mean 'server'"),
        ("share.chat", "takes workloads and systems after its name, and has chat"),
        ("share.chatt.server", "there is no workload 'chatt'"),
        ("cost.server", "takes nothing after its name, and has server"),
        ("memory", "takes tiers after its name, and has nothing"),
    ],
)
def test_names_that_mean_nothing(tutorial: Path, name: str, message: str) -> None:
    """They are refused before anything runs, with what was meant."""
    with pytest.raises(ValueError, match=message):
        check(tuple(name.split(".")), names(load(tutorial).instance))
