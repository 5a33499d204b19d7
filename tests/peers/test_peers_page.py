"""docs/peers.md: the table of answers is what the instances give today."""

import re
from pathlib import Path

from published import README_EXAMPLE, inferno, melange

from fleetopt.instance.load import load
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve

ROOT = Path(__file__).parents[2]
UNLIMITED, MIXED = "policy.limits.*.enabled=false", "servers.mixed=true"


def test_answers_are_those_of_today(tmp_path: Path) -> None:
    """Each figure of the column `here`, solved anew."""
    page = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    table = page[page.index("<!-- answers -->") : page.index("<!-- end -->")]
    said = [float(number) for number in re.findall(r"\| ([0-9.]+) (?:\$/h|s)[^|]*\|\n", table)]
    makespan = solve(load(ROOT / "instances" / "peers" / "makespan.yaml").instance, SolveOptions(gap=0.0)).plan
    found = [
        melange(tmp_path, README_EXAMPLE).plan.objective_usd,
        melange(tmp_path, {**README_EXAMPLE, "slice_factor": 2}).plan.objective_usd,
        *(inferno(*o).plan.objective_usd for o in ((), (UNLIMITED,), (MIXED,), (MIXED, UNLIMITED))),
        100.0 / sum(flow.rate_per_s for flow in makespan.flows),
    ]
    assert [round(value, 6) for value in found] == said
