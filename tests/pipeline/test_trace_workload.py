"""From a trace to a plan: the section loads as it is, the same bytes every time, and M4 decides on its curve."""

import json
import tracemalloc
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from traces import HEADER, csv_trace, jsonl_trace

from fleetopt.candidates.enumerate import candidates
from fleetopt.demand import lines as lines_module
from fleetopt.demand.section import Named
from fleetopt.demand.sessions import PUBLISHED
from fleetopt.demand.study import Wanted, study
from fleetopt.errors import InputError, UsageError
from fleetopt.instance.load import load
from fleetopt.instance.schema import Instance
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.pipeline.trace_workload import slices_of, trace_workload, write_section

pytestmark = pytest.mark.once

NAMED = Named("chat", "llama-3.1-8b", "fp8", "bf16", "here", "2", "0.05", ("flash",))
INSTANCE = """\
name: traced
include: [chat.yaml]
time: {start: "2027", periods: 1, slices: [{id: night, start_hour: 0, hours: 12}, {id: day, start_hour: 12, hours: 12}]}
finance: {wacc: 10 %}
jurisdictions: [{id: home, country: US}]
network: {regions: [{id: here, jurisdiction: home}], links: [{a: here, b: hall, rtt_ms: 20}]}
systems:
  - id: server
    vendor: Maker
    kind: server
    chips: 1
    power_kw: 1
    idle_share: 1
    life_years: 4
    price: {buy_usd: 30000}
    chip:
      {id: chip, vendor: Maker, dense_tflops: {bf16: 1000, fp8: 2000}, memory_gb: 80, memory_gb_s: 3000,
       memory_kind: HBM, power_kw: 0.7}
memory: [{id: flash, kind: nvme, unit_gb: 100, price: {usd_per_gb: 1}, life_years: 4, read_gb_s: 100}]
sites: [{id: hall, jurisdiction: home, power: {sources: [{id: grid, existing_kw: 2 MW, energy_usd_per_mwh: 50}]}}]
"""


def silent(_line: str) -> None:
    """No progress."""


def loaded(folder: Path, trace: Path, *overrides: str, named: Named = NAMED, wanted: Wanted | None = None) -> Instance:
    """The instance that includes the section made of a trace."""
    found = trace_workload([trace], wanted or Wanted(), named, "bf16", silent)
    write_section(folder / "chat.yaml", found.text, force=False)
    (folder / "fleet.yaml").write_text(INSTANCE, encoding="utf-8")
    return load(folder / "fleet.yaml", overrides).instance


def pairs(count: int) -> list[list[int]]:
    """A B A B, C D C D, ...: prompts of four blocks, each asked twice with one other between."""
    found = []
    for n in range(0, count, 2):
        a, b = ([8 * n + 10 * k + i for i in range(4)] for k in (0, 1))
        found += [a, b, a, b]
    return [[hash_ + 1000 * (n // 4) for hash_ in prompt] for n, prompt in enumerate(found)]


def test_a_trace_of_two_days(tmp_path: Path) -> None:
    """Twice the rate in the second half of the day: factors 2/3 and 4/3, and no request or token is lost."""
    stamps = [86400 * d + 600 * n for d in range(2) for n in (*range(72), *range(72, 144), *range(72, 144))]
    rows = [f"{1_700_006_400 + stamp},{100 + n % 7},{10 + n % 3}" for n, stamp in enumerate(stamps)]
    (tmp_path / "fleet.yaml").write_text(INSTANCE, encoding="utf-8")
    cycle = slices_of(tmp_path / "fleet.yaml")
    instance = loaded(tmp_path, csv_trace(tmp_path / "t.csv", rows), wanted=Wanted(cycle=cycle))
    (chat,) = instance.workloads
    (region,) = chat.demand.regions
    assert region.slice_factors == pytest.approx({"night": 2 / 3, "day": 4 / 3}, rel=0.02)
    assert region.rate_per_s == pytest.approx(3 / 1200, rel=0.02)
    tokens = sum(b.share * b.input_tokens for b in chat.buckets) * len(rows)
    assert tokens == pytest.approx(sum(100 + n % 7 for n in range(len(rows))), rel=1e-6)
    assert sum(b.share for b in chat.buckets) == pytest.approx(1, abs=1e-8)
    assert chat.demand.growth_per_period == 0


def cost_usd(instance: Instance, reuse: str, rate_per_s: float) -> float:
    """Servers and flash for one year where all is served one way: the best candidate's rate, and what it holds.

    An annuity of four years at 10 %, paid at the start: 0.286791; 1 kW at PUE 1.25 (the default is read from the site).
    """
    annuity, hours = 0.1 / 1.1 / (1 - 1.1**-4), 8766.0
    pue = instance.sites[0].power.pue_average
    mine = [c for c in candidates(instance).serving if c.reuse == reuse]
    (point,) = max((list(c.points.values()) for c in mine), key=lambda points: points[0].rate_per_s)
    units = ceil(rate_per_s / point.rate_per_s - 1e-9)
    flash = ceil(rate_per_s * point.parked_gb_s / 100 - 1e-9)
    flash_price = instance.memory[0].price
    per_gb = (flash_price.usd_per_gb or 0.0) * flash_price.scale
    return units * (30_000 * annuity + pue * hours * 0.05) + flash * 100 * per_gb * annuity


@pytest.mark.parametrize(("scale", "bought"), [(1.0, True), (1000.0, False)])
def test_the_plan_buys_a_cache_where_it_pays(tmp_path: Path, scale: float, bought: bool) -> None:
    """A B A B in prompts of 2,048 tokens, one a second: half of the input is found by 8 blocks, 2 s of input.

    At 400 requests/s a cache holds 400 x 2,048 x 131,072 bytes x 2 s = 214.7 GB: 3 units of flash. At 1 USD a GB that
    costs 300 USD and spares servers; at 1,000 it costs 300,000 USD, more than the servers. The plan is the cheaper way.
    """
    trace = jsonl_trace(tmp_path / "t.jsonl", pairs(100))
    wide = Wanted(shared_from=0.5)
    instance = loaded(
        tmp_path, trace, f"memory.flash.price.scale={scale}", "workloads.chat.demand.scale=400", wanted=wide
    )
    (chat,) = instance.workloads
    assert chat.reuse_curve is not None
    ((size, share),) = [(p.held_s, p.hit_share) for p in chat.reuse_curve.points]
    rate = chat.demand.regions[0].rate_per_s
    assert (share, size * rate) == (pytest.approx(0.5), pytest.approx(2.0, rel=1e-5))
    assert chat.reuse_curve.basis == "lower_bound"
    with_it, without = (cost_usd(instance, reuse, 400 * rate) for reuse in ("prefix-1", "none"))
    assert (with_it < without) == bought
    result = solve(instance, SolveOptions(gap=0.0))
    assert result.exit_code == 0
    assert bool(result.plan.memory_purchases) == bought
    assert result.plan.objective_usd <= min(with_it, without) * (1 + 1e-9)
    assert result.plan.objective_usd >= 0.9 * min(with_it, without)


def test_a_published_curve_is_marked(tmp_path: Path) -> None:
    """Without hashes the named sessions give the curve, which says that it is parametric; with hashes they may not."""
    trace = csv_trace(tmp_path / "t.csv", [f"{n},100,10" for n in range(50)])
    named = Named(*(getattr(NAMED, f) for f in list(Named.__dataclass_fields__)[:8]), published=PUBLISHED[0])
    (chat,) = loaded(tmp_path, trace, named=named).workloads
    assert chat.reuse_curve is not None and chat.reuse_curve.basis == "parametric"
    assert "PARAMETRIC, not measured" in (tmp_path / "chat.yaml").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="--reuse-as: the traces have block hashes"):
        trace_workload([jsonl_trace(tmp_path / "h", pairs(4))], Wanted(), named, "bf16", silent)


def test_same_bytes_and_only_our_own_file_is_replaced(tmp_path: Path) -> None:
    """Written again it is the same; a file that was edited, or is none of ours, stays as it is unless forced."""
    trace, out = jsonl_trace(tmp_path / "t", pairs(20)), tmp_path / "chat.yaml"
    first = trace_workload([trace], Wanted(), NAMED, "bf16", silent).text
    assert trace_workload([trace], Wanted(), NAMED, "bf16", silent).text == first
    write_section(out, first, force=False)
    write_section(out, first, force=False)
    assert out.read_text(encoding="utf-8") == first
    edited = first.replace("ttft_s: 2", "ttft_s: 3")
    out.write_text(edited, encoding="utf-8")
    with pytest.raises(UsageError, match="not as `fleetopt demand` wrote it"):
        write_section(out, first, force=False)
    assert out.read_text(encoding="utf-8") == edited
    write_section(out, first, force=True)
    assert out.read_text(encoding="utf-8") == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["chat.yaml", "t"]


def test_too_many_bad_rows_are_refused(tmp_path: Path) -> None:
    """Two bad rows of 100 are more than 1 %: refused with reasons and lines; accepted at 2 %, and said there."""
    rows = [f"{n},100,10" for n in range(98)]
    trace = csv_trace(tmp_path / "t.csv", [*rows[:50], "x,1,1", "7,0,1", *rows[50:]])
    with pytest.raises(InputError, match=r"t.csv:1: 2 of 100 rows are bad.*t.csv:52.*--max-bad") as refused:
        study([trace], Wanted(), silent)
    assert "rows have no input (first t.csv:53)" in str(refused.value)
    text = trace_workload([trace], Wanted(most_bad=0.02), NAMED, "bf16", silent).text
    assert "98 of 100 rows count" in text and "BAD: 1 rows have no input (first t.csv:53)" in text


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["5,1,1"] * 3, "no rate"),
        (["x,1,1"], "none of 1 rows counts"),
        (["0,1,1", "99999999,1,1"], "days apart"),
    ],
)
def test_traces_without_an_answer(tmp_path: Path, rows: list[str], said: str) -> None:
    """No rows, no span of time, or a span of years: an input error that says so."""
    with pytest.raises(InputError, match=said):
        study([csv_trace(tmp_path / "t.csv", rows)], Wanted(), silent)


def test_several_traces_are_one_workload(tmp_path: Path) -> None:
    """Rows of both count; the same file twice, or clocks that do not agree, are refused."""
    first = csv_trace(tmp_path / "a.csv", [f"{n},100,10" for n in range(50)])
    second = csv_trace(tmp_path / "b.csv", [f"{n},300,20" for n in range(50)])
    found = study([first, second], Wanted(), silent)
    assert (found.requests, found.totals["input"]) == (100, 20_000)
    with pytest.raises(UsageError, match="given twice"):
        study([first, first], Wanted(), silent)
    dated = csv_trace(tmp_path / "c.csv", ["2023-11-16 18:15:46,374,44"])
    with pytest.raises(InputError, match="clock starts with the trace"):
        study([first, dated], Wanted(), silent)


def test_memory_does_not_grow_with_the_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times the rows take no more: what is kept is a grid, counts by second, and one block of lines."""
    monkeypatch.setattr(lines_module, "_BLOCK", 200_000)
    draw, peaks = np.random.default_rng(0), []
    for rows in (25_000, 200_000):
        path = tmp_path / f"{rows}.csv"
        sizes = draw.integers(1, 3000, (rows, 2))
        lines = (f"{n * 36000 // rows},{i},{o}" for n, (i, o) in enumerate(sizes.tolist()))
        path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        tracemalloc.start()
        study([path], Wanted(most_buckets=2), silent)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.05 * peaks[0]


def test_block_size_is_concluded_or_asked_for(tmp_path: Path) -> None:
    """Lengths of whole blocks of 16 say 16; where they contradict each other the message asks."""
    trace = jsonl_trace(tmp_path / "t", [list(range(n, 2 * n + 3)) for n in range(1, 60)], block=16)
    found = study([trace], Wanted(), silent)
    assert found.reuse is not None and found.reuse.block_tokens == 16
    row: dict[str, Any] = {"timestamp": 70_000, "input_length": 5000, "output_length": 1, "hash_ids": [1]}
    with trace.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    with pytest.raises(InputError, match="--block-tokens"):
        study([trace], Wanted(), silent)
    assert study([trace], Wanted(block_tokens=16), silent).reuse is not None


def test_more_reuse_never_costs_more(tmp_path: Path) -> None:
    """With the same sizes and ever more found in them, plans get cheaper or stay as they are."""
    trace = jsonl_trace(tmp_path / "t.jsonl", pairs(40))
    instance = loaded(tmp_path, trace, "workloads.chat.demand.scale=300", wanted=Wanted(shared_from=0.5))
    (chat,) = instance.workloads
    assert chat.reuse_curve is not None
    costs = []
    for share in (0.0, 0.2, 0.5, 0.8):
        points = tuple(point.model_copy(update={"hit_share": share}) for point in chat.reuse_curve.points)
        curve = chat.reuse_curve.model_copy(update={"points": points})
        changed = instance.model_copy(update={"workloads": (chat.model_copy(update={"reuse_curve": curve}),)})
        costs.append(solve(changed, SolveOptions(gap=0.0)).plan.objective_usd)
    assert all(a >= b - 1e-6 for a, b in pairwise(costs)) and costs[0] > costs[-1]
