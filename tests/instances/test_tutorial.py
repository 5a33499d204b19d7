"""The tutorial instances, solved by hand: units from rates, money from annuities, and the solver must agree."""

from itertools import product
from math import ceil
from pathlib import Path

import pytest

from fleetopt.candidates.candidate import Candidate, CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.instance.load import load
from fleetopt.instance.schema import Instance
from fleetopt.pipeline import Result, SolveOptions, solve

TUTORIAL = Path(__file__).parents[2] / "instances" / "tutorial"
ANNUITY = 0.1 / 1.1 / (1 - 1.1**-4)
"""Paid at the start of each of four years at 10 %, it repays 1: 0.090909 / 0.316987 = 0.286791."""
HOURS = 8766.0
USD_PER_KWH = 0.05
PUE = 1.25
SECONDS = HOURS * 3600


@pytest.fixture(params=["highs", "cbc"])
def exact(request: pytest.FixtureRequest) -> SolveOptions:
    """A proof without any gap, on each solver."""
    return SolveOptions(gap=0.0, solver=request.param)


def yearly_usd(price_usd: float, power_kw: float) -> float:
    """A unit for one year: its annuity, and energy at rated power because `idle_share` is 1."""
    return price_usd * ANNUITY + power_kw * PUE * HOURS * USD_PER_KWH


def rate_per_unit(found: CandidateSet, workload: str, system: str) -> float:
    """Requests/s of one unit of a system on its best candidate; 0 without one."""
    mine = [c for c in found.serving if c.workload == workload and c.system == system]
    return max((point.rate_per_s / c.units for c in mine for point in c.points.values()), default=0.0)


def bought(result: Result) -> dict[str, float]:
    """Units bought by system."""
    return {purchase.system: purchase.units for purchase in result.plan.purchases}


def check(result: Result, instance: Instance, units: dict[str, int], usd: float) -> None:
    """Proven and verified, with these units at this cost, and every cost line that is not 0 explained."""
    assert result.exit_code == 0, result.stop_reason
    assert bought(result) == units
    assert result.plan.objective_usd == pytest.approx(usd, rel=1e-9)
    used_kw = sum(n * instance.system(c).power_kw for c, n in units.items())
    lines = {name: value for name, value in result.plan.cost_lines.items() if value}
    energy = used_kw * PUE * HOURS * USD_PER_KWH
    assert lines == pytest.approx({"systems": usd - energy, "energy": energy}, rel=1e-9)


def test_one_system(exact: SolveOptions) -> None:
    """Enough servers for the rate and not one more.

    One server takes r requests/s (25.55 a chip, 204 in all, when this was written), so 2,000 a second need
    ceil(2000 / r) = 10. Each costs 200,000 x 0.286791 = 57,358 $ and 10 kW x 1.25 x 8,766 h x 0.05 $ = 5,479 $ a year.
    One period, paid at its start: the discount factor is 1.
    """
    instance = load(TUTORIAL / "one_system.yaml").instance
    units = ceil(2000 / rate_per_unit(candidates(instance), "chat", "server"))
    assert units > 1
    check(solve(instance, exact), instance, {"server": units}, units * yearly_usd(200_000, 10))


def test_the_rate_of_a_chip_has_a_ceiling_by_hand() -> None:
    """No prediction may beat physics: 1,000 prompt tokens of an 8B model take at least 2 x 7.5e9 x 1,000 FLOP.

    At 55 % of the fp8 peak of 2,000 TFLOPS that is 13.6 ms of one chip, so a server of 8 takes less than 587 a second,
    and reading 7.5 GB of weights once for each of 199 output tokens at the batch bounds it further.
    """
    found = candidates(load(TUTORIAL / "one_system.yaml").instance)
    (chat,) = found.serving
    point = chat.points["turn"]
    prefill_s = 2 * 7.5e9 * 1000 / (2000e12 * 0.55)
    decode_s = 199 * 7.5 / (3000 * 0.75) / point.batch
    assert chat.units == 1 / 8
    assert point.rate_per_s < 0.9 / (prefill_s + decode_s)


def test_mix(exact: SolveOptions) -> None:
    """Premium ends on the SRAM machine, standard on GPUs, and what the SRAM machine has to spare is used.

    A GPU reads 15 GB of bf16 weights in 15.0 / (3,000 x 0.75) = 6.7 ms a token: above the 4.5 ms that premium asks for,
    so premium needs SRAM machines. Standard may use either; with n of one and g of the other the plan is possible if
    100 / p + max(0, 1000 - g x G) / S <= n, where p, S are the rates of an SRAM machine and G that of a GPU. A year
    costs 286,791 + 10,957 $ and 8,604 + 548 $. All pairs up to 12 and 120 are tried.
    """
    instance = load(TUTORIAL / "mix.yaml").instance
    found = candidates(instance)
    assert rate_per_unit(found, "premium", "gpu-server") == 0
    p = rate_per_unit(found, "premium", "sram-machine")
    s = rate_per_unit(found, "standard", "sram-machine")
    g = rate_per_unit(found, "standard", "gpu-server")
    costs = {
        (n, m): n * yearly_usd(1_000_000, 20) + m * yearly_usd(30_000, 1)
        for n, m in product(range(13), range(121))
        if 100 / p + max(0.0, 1000 - m * g) / s <= n + 1e-9
    }
    n, m = min(costs, key=lambda pair: costs[pair])
    assert n >= 1 and m >= 1, "each segment has its own hardware"
    check(solve(instance, exact), instance, {"sram-machine": n, "gpu-server": m}, costs[n, m])


def test_training(exact: SolveOptions) -> None:
    """The smallest team that finishes within the year.

    A chip makes 1,000 TFLOPS x 0.42 = 420 (less 0.004 % for the optimiser); a server of 8 makes 3.36e15 x 31,557,600 s
    = 1.0603e23 FLOP a year, so 1e24 FLOP need ceil(9.43) = 10 servers, at 57,358 + 5,479 $ each.
    """
    instance = load(TUTORIAL / "training.yaml").instance
    units = ceil(1e24 / (8 * 1000e12 * 0.42 * SECONDS))
    assert units == 10
    result = solve(instance, exact)
    check(result, instance, {"server": 10}, 10 * yearly_usd(200_000, 10))
    (run,) = result.plan.training_runs
    share = sum(run.share_of_period.values())
    assert share * run.units * 8 * 1000e12 * 0.42 * SECONDS >= 1e24 * (1 - 1e-9)


@pytest.mark.parametrize("name", ["one_system", "mix", "training"])
def test_tutorials_load_without_a_warning(name: str) -> None:
    """What newcomers read first is clean."""
    assert load(TUTORIAL / f"{name}.yaml").warnings == ()


def test_points_hold_their_targets() -> None:
    """Every operating point of the mix meets the targets it was made for."""
    instance = load(TUTORIAL / "mix.yaml").instance
    for candidate in candidates(instance).serving:
        assert _holds(instance, candidate), candidate.id


def _holds(instance: Instance, candidate: Candidate) -> bool:
    slo = instance.workload(candidate.workload).slo
    assert slo.ttft_s is not None and slo.tpot_s is not None
    return all(p.ttft_s <= slo.ttft_s and p.tpot_s <= slo.tpot_s for p in candidate.points.values())
