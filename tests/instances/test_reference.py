"""The reference instance: it loads clean, is as large as promised, and its sizes and shapes are those of the traces."""

from collections.abc import Callable
from math import cos, exp, log, pi, sin
from pathlib import Path

import pandas as pd
import pytest

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import OfferSet, offers
from fleetopt.instance.load import Loaded, load
from fleetopt.instance.schema import Instance
from fleetopt.model.build import build

ROOT = Path(__file__).parents[2]
TRACES = ROOT.parent / "shared" / "data" / "traces"
GRADE = 1.2816
"""90th percentile of a standard normal."""


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    """The instance with its warnings."""
    return load(ROOT / "instances" / "reference" / "three_segments.yaml")


@pytest.fixture(scope="module")
def instance(loaded: Loaded) -> Instance:
    """The instance."""
    return loaded.instance


@pytest.fixture(scope="module")
def offered(instance: Instance) -> OfferSet:
    """What can be had where."""
    return offers(instance)


@pytest.fixture(scope="module")
def found(instance: Instance, offered: OfferSet) -> CandidateSet:
    """Its candidates."""
    return candidates(instance, offered)


def test_it_loads_without_a_warning(loaded: Loaded) -> None:
    """The instance that everything else is measured on is clean."""
    assert loaded.warnings == ()


def test_it_is_as_broad_as_promised(instance: Instance) -> None:
    """Six workloads in three segments, twelve systems of three vendors, five sites, eight quarters of four slices."""
    assert len(instance.workloads) >= 6
    assert {w.kind for w in instance.workloads} == {"training", "answer", "agentic"}
    assert len(instance.systems) >= 12
    makers = {s.chip.vendor for s in instance.systems if s.chip is not None}
    assert len(makers) >= 3
    assert len([s for s in instance.systems if s.chip is not None and s.chip.memory_kind == "SRAM"]) == 2
    assert len(instance.sites) == 5
    assert [s.id for s in instance.sites if s.kind == "orbit"] == ["leo"]
    assert instance.time.period_ids[0] == "2027q1" and instance.time.period_ids[-1] == "2028q4"
    assert instance.time.periods == 8 and len(instance.time.slices) >= 4


def test_an_existing_fleet_with_older_generations_stands_there(instance: Instance) -> None:
    """Thousands of H100 servers, some in Europe, H20 in China, and two generations launched before 2024."""
    owned = {h.id: h for h in instance.fleet if instance.time.period_index(h.in_service) < 0}
    h100 = [h for h in owned.values() if h.system == "hgx-h100-8"]
    assert 1000 <= sum(h.units for h in h100) < 10_000
    assert {h.site for h in h100} == {"virginia", "norway"}
    assert {h.site for h in owned.values() if h.system == "hgx-h20-8"} == {"china"}
    chips = (instance.system(h.system).chip for h in owned.values())
    assert len({chip.id for chip in chips if chip is not None and chip.launch[:4] <= "2023"}) >= 2


def test_it_is_large(instance: Instance, offered: OfferSet, found: CandidateSet) -> None:
    """At least 4,000 admissible candidates and 150 whole columns."""
    assert found.admissible >= 4000
    model = build(instance, found, offered.offers)
    whole = [variable for variable in model.problem.variables() if variable.cat == "Integer"]
    assert len(whole) >= 150


def test_every_bucket_can_be_served_from_every_region(instance: Instance, found: CandidateSet) -> None:
    """Each workload has candidates for all its buckets wherever its users' data may go, on several systems."""
    for workload in (w for w in instance.workloads if w.kind != "training"):
        mine = [c for c in found.serving if c.workload == workload.id and c.stage != "decode"]
        assert len({c.system for c in mine}) >= 4, workload.id
        places = {"china"} if any(r.region == "cn" for r in workload.demand.regions) else set()
        for site in places | {"virginia", "texas", "norway"}:
            served = {bucket for c in mine if c.site == site for bucket in c.points}
            assert served == {bucket.id for bucket in workload.buckets}, (workload.id, site)


def test_eight_milliseconds_are_out_of_reach_of_older_gpus(found: CandidateSet) -> None:
    """Premium chat decodes on SRAM machines and, in small batches, on the faster GPUs; the older fleet cannot."""
    decode = {c.system for c in found.serving if c.workload == "chat-premium" and c.stage != "prefill"}
    assert {"cs-3", "groq3-lpx-rack", "gb200-nvl72"} <= decode
    assert not decode & {"a100-8", "l40s-8", "tpu-v6e-8"}


def test_leading_chips_do_not_reach_china(offered: OfferSet) -> None:
    """X1: there the licensed H20 and the domestic 910C can be bought, and nothing else with an accelerator."""
    at_china = {o.system: o for o in offered.offers if o.site == "china" and o.buy_periods}
    assert set(at_china) == {"hgx-h20-8", "ascend-910c-8", "cpu-rack"}
    assert set(at_china["hgx-h20-8"].licence.values()) == {"h20-china"}


def test_launches_take_a_year(offered: OfferSet) -> None:
    """A satellite ordered at the start serves from the fifth quarter at the earliest."""
    first = [o.buy_periods[0] for o in offered.offers if o.site == "leo"]
    assert first and min(first) >= 4


def _azure(name: str) -> Callable[[], pd.DataFrame]:
    def read() -> pd.DataFrame:
        data = pd.read_csv(TRACES / f"AzureLLMInferenceTrace_{name}.csv")
        return data.rename(columns={"ContextTokens": "input", "GeneratedTokens": "output"})

    return read


def _mooncake() -> pd.DataFrame:
    data = pd.read_json(TRACES / "mooncake_conversation_trace.jsonl", lines=True)
    return data.rename(columns={"input_length": "input", "output_length": "output"})


@pytest.mark.skipif(not TRACES.is_dir(), reason="the traces are not here (../shared/data/traces)")
@pytest.mark.parametrize(
    ("workload", "trace", "quantile", "output_split", "correlation_error", "product_error"),
    [
        ("chat", _azure("conv"), 0.875, 217, 0.0115, 0.0075),
        ("chat-premium", _azure("conv"), 0.875, 217, 0.0115, 0.0075),
        ("coding", _azure("code"), 0.85, 55, 0.0055, 0.0065),
        ("long-chat", _mooncake, 0.95, 399, 0.0375, 0.0125),
    ],
)
def test_buckets_are_the_cells_of_the_trace(
    instance: Instance,
    workload: str,
    trace: Callable[[], pd.DataFrame],
    quantile: float,
    output_split: float,
    correlation_error: float,
    product_error: float,
) -> None:
    """Each bucket is the mean of its cell; means hold to 0.1 %, the rest to what the header says."""
    data = trace()
    long = data.input > data.input.quantile(quantile)
    short_answer = data.output <= output_split
    cells = [data[~long & short_answer], data[~long & ~short_answer], data[long]]
    buckets = instance.workload(workload).buckets
    assert len(buckets) == len(cells)
    for bucket, cell in zip(buckets, cells, strict=True):
        assert bucket.share == pytest.approx(len(cell) / len(data), abs=2e-4)
        assert bucket.input_tokens == pytest.approx(cell.input.mean(), rel=1e-3)
        assert bucket.output_tokens == pytest.approx(cell.output.mean(), rel=2e-3)
    mean = {column: sum(b.share * getattr(b, f"{column}_tokens") for b in buckets) for column in ("input", "output")}
    assert mean["input"] == pytest.approx(data.input.mean(), rel=1e-3)
    assert mean["output"] == pytest.approx(data.output.mean(), rel=1e-3)
    product = sum(b.share * b.input_tokens * b.output_tokens for b in buckets)
    assert product == pytest.approx((data.input * data.output).mean(), rel=product_error)
    variance = [
        sum(b.share * getattr(b, f"{c}_tokens") ** 2 for b in buckets) - mean[c] ** 2 for c in ("input", "output")
    ]
    correlation = (product - mean["input"] * mean["output"]) / (variance[0] * variance[1]) ** 0.5
    assert correlation == pytest.approx(data.input.corr(data.output), abs=correlation_error)


def _lognormal_mean(p50: float, p90: float) -> float:
    """Mean of the log-normal through both percentiles: p50 x exp(sigma^2 / 2), sigma = ln(p90 / p50) / 1.2816."""
    return p50 * exp((log(p90 / p50) / GRADE) ** 2 / 2)


def test_agents_have_the_statistics_of_tracelab(instance: Instance) -> None:
    """95.6 % of input tokens cached, median append 1,045 and output 249, 82.6 turns, tool and gap times of the survey.

    Tool: ln(10.05 / 0.22) / 1.2816 = 2.982, 0.22 x exp(4.445) = 18.7 s. Gap: 0.863 x 20.8 (after a tool) + 0.137 x 505
    (before a human) = 87 s.
    """
    agents = instance.workload("agents")
    tokens = sum(b.share * b.input_tokens for b in agents.buckets)
    assert sum(b.share * b.cached_tokens for b in agents.buckets) / tokens == pytest.approx(0.956, abs=5e-4)
    typical = [b for b in agents.buckets if b.input_tokens - b.cached_tokens == 1045]
    assert sum(b.share for b in typical) >= 0.5
    assert all(b.output_tokens == 249 for b in agents.buckets)
    context = instance.model(agents.model).max_context
    assert all(b.input_tokens + b.output_tokens <= context for b in agents.buckets)
    assert agents.agent is not None and agents.idle_kv is not None
    assert agents.agent.turns_per_task == 82.6
    assert agents.agent.tool_s == pytest.approx(_lognormal_mean(0.22, 10.05), rel=0.01)
    gap_s = 0.863 * _lognormal_mean(1.0, 23.5) + 0.137 * _lognormal_mean(121.5, 1058)
    assert agents.idle_kv.mean_gap_s == pytest.approx(gap_s, rel=0.01)
    assert agents.demand.growth_per_period == 0.28 and agents.max_delay_h == 12


@pytest.mark.parametrize(("workload", "peak_over_trough"), [("chat", 3.6), ("coding", 33.0), ("long-chat", 3.6)])
def test_the_day_has_the_published_swing(instance: Instance, workload: str, peak_over_trough: float) -> None:
    """Factors are a cosine that peaks at 15:00 local time, averaged over six hours.

    Its swing a = (p - 1) / (p + 1) gives an hourly peak over trough of p; the mean of the cosine over six hours about
    its centre is sin(pi / 4) / (pi / 4) = 0.9003 of its value there.
    """
    swing = (peak_over_trough - 1) / (peak_over_trough + 1) * sin(pi / 4) / (pi / 4)
    for row in instance.workload(workload).demand.regions:
        offset = {"us": -6, "eu": 1, "cn": 8}[row.region]
        for part in instance.time.slices:
            local = part.start_hour + part.hours / 2 + offset
            expected = 1 + swing * cos(2 * pi * (local - 15) / 24)
            assert row.slice_factors[part.id] == pytest.approx(expected, abs=2e-3)
        assert sum(row.slice_factors.values()) / 4 == pytest.approx(1, abs=1e-3)
