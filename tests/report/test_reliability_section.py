"""Spares and sites in plan.md, from an instance solved and verified with both."""

from functools import cache
from typing import Any

from builders import tiny_instance

from fleetopt.instance.schema import Instance
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import Result, solve
from fleetopt.report.markdown import plan_markdown
from fleetopt.report.reliability import reliability_section

CHANGES: dict[str, Any] = {
    "workloads": {
        "chat": {
            "demand": {"scale": 300.0},
            "min_sites": 2,
            "min_site_share": 0.25,
            "max_site_share": 0.7,
        }
    },
    "systems": {"gpu8": {"failures_per_year": 0.5, "repair_days": 36.525}},
    "sites": {
        "texas": {
            "jurisdiction": "us",
            "power": {"pue_peak": 1.4, "sources": [{"id": "grid", "existing_kw": 1000.0, "energy_usd_per_mwh": 90.0}]},
        }
    },
    "network": {
        "links": [{"a": "east", "b": "virginia", "rtt_ms": 20.0}, {"a": "east", "b": "texas", "rtt_ms": 40.0}],
    },
    "policy": {"spares": [{"id": "sure", "confidence": 0.99}, {"id": "one-more", "units": 1, "sites": ["texas"]}]},
}


@cache
def solved() -> tuple[Instance, Result]:
    instance = tiny_instance(**CHANGES)
    return instance, solve(instance, SolveOptions(gap=0.0, time_limit_s=60.0))


def test_the_plan_is_verified_and_keeps_its_spares_and_sites() -> None:
    """Both sites serve, none more than 70 %; at each fewer units are in use than are usable, and fewer usable than
    work on average."""
    _, result = solved()
    assert result.plan.status == "optimal"
    assert result.plan.verification is not None and result.plan.verification.failures == ()
    assert {f.site for f in result.plan.flows} == {"virginia", "texas"}
    for e in result.plan.installed:
        assert e.peak_busy_units <= e.usable_units + 1e-6 and e.usable_units < 0.95 * e.owned_units


def test_the_page_says_what_is_kept_back_and_where_work_goes() -> None:
    """A row a place with units kept back, a row a critical workload with its largest site; nothing where nothing is
    asked."""
    instance, result = solved()
    page = plan_markdown(result.plan, instance)
    assert "## Spares and sites" in page and "sure: probability 0.99; one-more: 1 a system and site" in page
    owned = {(e.site, e.period): (e.owned_units, e.usable_units) for e in result.plan.installed}
    units, usable = owned["virginia", "2027q1"]
    assert f"{units - usable:,.0f} of {units:,.0f}" in page
    assert "2 sites, at most 70.0 % at one" in page and "70.0 % virginia" in page
    assert "failures are taken to be independent" in page
    assert reliability_section(result.plan, tiny_instance()) == []
