"""Teams for training runs: T1, T2, C2, and what supply and power could ever give."""

from math import log2
from typing import Any

import pytest
from builders import SRAM, tiny_instance, with_orbit

from fleetopt.candidates.candidate import CandidateSet, TrainingCandidate
from fleetopt.candidates.enumerate import candidates
from fleetopt.instance.schema import Instance

QUARTER_S = 8766.0 / 4 * 3600
UNIT_FLOP_S = 8 * 1000e12 * 0.5
"""Eight chips of 1 PFLOPS at half of it, without failures."""
ROUND: dict[str, Any] = {
    "gemm_efficiency": 0.5, "attention_efficiency": 0.5, "activation_passes": 0.0, "tensor_exposed": 0.0,
    "expert_exposed": 0.0, "shard_exposed": 0.0, "layer_s": 0.0, "expert_layer_s": 0.0, "spread": 0.0,
    "interruptions_per_chip_year": 0.0,
}  # fmt: skip
"""Costs of training under which a team's MFU is 0.5 whatever its size."""


def instance(unit_quarters: float, training: dict[str, Any] | None = None, **changes: Any) -> Instance:
    """A run whose work is that of one unit for `unit_quarters` quarters."""
    run: dict[str, Any] = {"tokens": 1.0, "flop": unit_quarters * UNIT_FLOP_S * QUARTER_S, "sequence_tokens": 100.0}
    run |= {"batch_tokens": 1e15}  # the optimiser's time is nothing beside it
    run |= {"start": "2027q1", "deadline": "2027q4"} | (training or {})
    base: dict[str, Any] = {
        "time": {"periods": 4},
        "prediction": {"training": ROUND},
        "workloads": {"chat": None, "run": {"kind": "training", "model": "small", "training": run}},
    }
    return tiny_instance(**{**base, **changes})


def only(result: CandidateSet) -> TrainingCandidate:
    (team,) = result.training
    return team


def rules(result: CandidateSet) -> list[str]:
    return [r.rule for r in result.rejections]


def test_the_team_finishes_in_one_period() -> None:
    """Work of 10 unit-quarters: ten units for one quarter, 80 chips, anywhere in the year."""
    team = only(candidates(instance(10.0)))
    assert (team.units, team.chips, team.id) == (10, 80, "run.virginia.gpu8.train")
    assert team.periods_needed == pytest.approx(1.0)
    assert (team.first_period, team.last_period) == (0, 3)
    assert (team.mfu, team.goodput) == (pytest.approx(0.5), 1.0)


def test_a_larger_team_needs_more_unit_periods() -> None:
    """At a spread of 10 % a doubling, four units' work needs a fifth unit to be done in a quarter.

    Five units are 40 chips: 4 x (1 + 0.1 log2 5) = 4.93 unit-quarters, so they finish in 0.986 of a quarter; four would
    take 4 x 1.2 / 4 = 1.2.
    """
    spread = {"prediction": {"training": ROUND | {"spread": 0.1}}}
    team = only(candidates(instance(4.0, **spread)))
    assert (team.units, team.mfu) == (5, pytest.approx(0.5 / (1 + 0.1 * log2(5))))
    assert team.periods_needed == pytest.approx(4 * (1 + 0.1 * log2(5)) / 5)


@pytest.mark.parametrize(("work", "fits"), [(13.3, True), (13.4, False)])
def test_the_cap_counts_the_whole_teams_efficiency(work: float, fits: bool) -> None:
    """Four units at a spread of 10 % a doubling do 4 x 4 / 1.2 = 13.33 unit-quarters of one unit's work in a year."""
    spread = {"prediction": {"training": ROUND | {"spread": 0.1}}}
    assert bool(candidates(instance(work, {"max_chips": 32}, **spread)).training) is fits


def test_the_pessimistic_end_takes_longer_and_may_miss_the_deadline() -> None:
    """At p90 four units need p90 times as long: 13 unit-quarters are done in a year of 16 at p50, 16 / 1.22 are not.

    The team planned at p50 says at its p90 what the team planned at p90 plans with.
    """
    late = {"prediction": {"training": ROUND, "percentile": "p90"}}
    planned, slow = only(candidates(instance(10.0))), only(candidates(instance(10.0, {"max_chips": 80}, **late)))
    ratio = planned.periods_needed_p90 / planned.periods_needed
    assert ratio > 1.1
    assert slow.periods_needed * slow.units == pytest.approx(ratio * planned.periods_needed * planned.units)
    assert slow.periods_needed == slow.periods_needed_p90
    assert slow.mfu == pytest.approx(planned.mfu / ratio)
    assert candidates(instance(15.0, {"max_chips": 32})).training
    assert rules(candidates(instance(15.0, {"max_chips": 32}, **late))) == ["T1"]


def test_a_part_of_a_unit_is_rounded_up() -> None:
    """10.5 unit-quarters: eleven units for 10.5 / 11 of a quarter."""
    team = only(candidates(instance(10.5)))
    assert (team.units, team.periods_needed) == (11, pytest.approx(10.5 / 11))


@pytest.mark.parametrize(("work", "fits"), [(16.0, True), (16.1, False)])
def test_t1_the_cap_on_chips_just_leaves_time_and_just_does_not(work: float, fits: bool) -> None:
    """At most 32 chips are four units: in four quarters 16 unit-quarters, and no more."""
    result = candidates(instance(work, {"max_chips": 32}))
    assert bool(result.training) is fits
    if fits:
        assert only(result).periods_needed == pytest.approx(4.0)
    else:
        assert rules(result) == ["T1"]
        assert result.rejections[0].shortfall == pytest.approx(16.1 / 16 - 1)


def test_the_window_is_that_of_the_run_and_of_the_offer() -> None:
    """Start q2, deadline q3; six months of lead leave q3 alone."""
    narrow = {"start": "2027q2", "deadline": "2027q3"}
    assert (only(candidates(instance(4.0, narrow))).first_period) == 1
    late = only(candidates(instance(4.0, narrow, systems={"gpu8": {"lead_months": 6}})))
    assert (late.first_period, late.last_period) == (2, 2)
    never = candidates(instance(4.0, {"deadline": "2027q1"}, systems={"gpu8": {"lead_months": 6}}))
    assert rules(never) == ["T1"]


def test_no_team_trains_before_its_site_can_be_open() -> None:
    """A site decided on at the start opens after six months: q3 and q4 are left; one open from 2028 on has no team."""
    opening = {"virginia": {"opening": {"cost_usd": 1.0, "lead_months": 6.0}}}
    team = only(candidates(instance(4.0, sites=opening)))
    assert (team.first_period, team.last_period) == (2, 3)
    late = {"virginia": {"opening": {"cost_usd": 1.0, "earliest": "2028q1"}}}
    assert rules(candidates(instance(4.0, sites=late))) == ["T1"]


@pytest.mark.parametrize(("units", "fits"), [(4, True), (3, False)])
def test_t2_memory_sets_the_least_team(units: int, fits: bool) -> None:
    """16 bytes x 8.03e9 parameters = 128.5 GB fit in 32 chips of 5 x 0.9 GB (144 GB), not in 24 (108 GB)."""
    small = {"gpu8": {"chip": {"memory_gb": 5.0}}}
    result = candidates(instance(1.0, {"max_chips": units * 8}, systems=small))
    assert bool(result.training) is fits
    assert rules(result) == ([] if fits else ["T2"])
    if fits:
        assert (only(result).units, only(result).least_units) == (4, 4)


def test_c2_satellites_and_lonely_chips_train_nothing() -> None:
    """Satellites share no fabric; chips without network cannot work across units."""
    orbit = candidates(instance(10.0, **with_orbit()))
    assert {t.system for t in orbit.training} == {"gpu8"}
    assert [r.system for r in orbit.rejections if r.rule == "C2"] == ["sat"]
    alone = candidates(instance(10.0, systems={"gpu8": {"chip": {"scale_out_gb_s": 0.0}}}))
    assert rules(alone) == ["C2"]


def test_t2_sram_machines_do_not_train() -> None:
    """They keep no optimiser state."""
    result = candidates(instance(10.0, systems={"gpu8": None, "wafer": SRAM}))
    assert rules(result) == ["T2"]


def test_d3_training_data_stays_where_it_may_go() -> None:
    """A run whose data may enter the EU only has no site in the US."""
    raw = instance(10.0).model_dump(exclude_unset=True)
    raw["workloads"][0]["jurisdictions"] = ["eu"]
    assert rules(candidates(Instance.model_validate(raw))) == ["D3"]


@pytest.mark.parametrize(("a_quarter", "fits"), [(1.0, True), (0.9, False)])
def test_b1_supply_must_be_able_to_do_the_work(a_quarter: float, fits: bool) -> None:
    """Deliveries of 1 a quarter give 1 + 2 + 3 + 4 = 10 unit-quarters in the year; 0.9 a quarter give 9."""
    limit = {"id": "l", "systems": ["gpu8"], "units_per_period": [a_quarter]}
    result = candidates(instance(10.0, supply={"limits": [limit]}))
    assert bool(result.training) is fits
    if fits:
        assert only(result).units == 4
    else:
        assert rules(result) == ["B1"]


def test_p1_power_caps_the_team() -> None:
    """100 kW of firm power at a peak PUE of 1.25 carry 8 servers of 10 kW: no team is larger."""
    power = {"virginia": {"power": {"sources": {"grid": {"existing_kw": 100.0}}}}}
    team = only(candidates(instance(20.0, sites=power)))
    assert (team.units, team.periods_needed) == (8, pytest.approx(20 / 8))
    none = candidates(instance(33.0, sites=power))
    assert rules(none) == ["P1"]


def test_rented_units_need_neither_supply_nor_power() -> None:
    """With five units for rent on top of eight that power carries, thirteen train."""
    power = {"virginia": {"power": {"sources": {"grid": {"existing_kw": 100.0}}}}}
    rent = {"gpu8": {"rent": {"usd_per_h": 20.0, "max_units": 5}}}
    assert only(candidates(instance(20.0, sites=power, systems=rent))).units == 13
    unlimited = {"gpu8": {"rent": {"usd_per_h": 20.0}}}
    assert only(candidates(instance(20.0, sites=power, systems=unlimited))).units == 20


def test_a_run_may_name_its_systems_and_one_unit_may_be_too_many_chips() -> None:
    """Systems that the run does not name are left out in silence; eight chips exceed a cap of four (T1)."""
    raw = instance(10.0).model_dump(exclude_unset=True)
    raw["workloads"][0]["systems"] = ["other"]
    assert candidates(Instance.model_validate(raw)).training == ()
    assert rules(candidates(instance(10.0, {"max_chips": 4}))) == ["T1"]


def test_b1_memory_may_need_more_units_than_can_be_had() -> None:
    """Four units hold the run, supply gives two: 4 / 2 - 1 = 100 % short."""
    limit = {"id": "l", "systems": ["gpu8"], "units_per_period": [2.0, 0.0]}
    changes = {"supply": {"limits": [limit]}, "systems": {"gpu8": {"chip": {"memory_gb": 5.0}}}}
    (short,) = candidates(instance(1.0, **changes)).rejections
    assert (short.rule, short.shortfall) == ("B1", pytest.approx(1.0))


def test_a_training_workload_without_its_section_is_a_mistake() -> None:
    """The loader refuses it; code that asks anyway is told which workload."""
    raw = instance(10.0).model_dump(exclude_unset=True)
    del raw["workloads"][0]["training"]
    with pytest.raises(ValueError, match="run"):
        candidates(Instance.model_validate(raw))
