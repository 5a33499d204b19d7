"""Parametric curves: against their own published checks, by hand, and against a simulated cache."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

from fleetopt.demand.sessions import PUBLISHED, Gap, Sessions, curve, found_within, held_s

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "demand.yaml"
AGENTS = PUBLISHED[0]


@pytest.mark.parametrize(("kept_s", "found"), [(60, 0.854), (300, 0.940), (3600, 0.986)])
def test_coding_agents_at_the_published_timeouts(kept_s: float, found: float) -> None:
    """The gaps of TraceLab, measured apart, give the hits it measured with eviction after 1, 5 and 60 minutes."""
    assert found_within(AGENTS, kept_s) == pytest.approx(found, abs=0.006)


def test_by_hand() -> None:
    """Every pause 100 s: a cache that keeps for 100 s holds 100 s of input; kept longer, a fifth grows, four stay.

    A log-normal whose percentiles are nearly the same stands for the one pause; ideal 0.8, so at 300 s it holds
    100 + 0.2 x 200 = 140 s of input.
    """
    regular = Sessions("x", "x", 0.8, (Gap(1.0, 100.0, 100.0001),), "x", "x")
    assert held_s(regular, 99.0) == pytest.approx(99, rel=1e-3)
    assert held_s(regular, 300.0) == pytest.approx(140, rel=0.02)
    assert found_within(regular, 99.0) == pytest.approx(0, abs=1e-6)
    assert found_within(regular, 101.0) == pytest.approx(0.8, abs=1e-6)


def test_against_a_cache_that_is_run() -> None:
    """Sessions with such pauses, run against a cache that drops what lay idle for 300 s: hits and what it holds agree.

    4,000 sessions go on with probability 0.579 after each request; sizes are counted in requests, whose rate is 1.
    """
    chat, draw = PUBLISHED[2], np.random.default_rng(0)
    (gap,) = chat.gaps
    sigma = np.log(gap.p90_s / gap.p50_s) / 1.2816
    pauses = draw.lognormal(np.log(gap.p50_s), sigma, 400_000)
    again = draw.random(400_000) < chat.ideal
    kept = np.where(again, np.minimum(pauses, 300.0), 300.0)
    assert held_s(chat, 300.0) == pytest.approx(kept.mean(), rel=0.01)
    assert found_within(chat, 300.0) == pytest.approx((again & (pauses <= 300.0)).mean(), abs=0.005)


@pytest.mark.parametrize("sessions", PUBLISHED, ids=lambda s: s.id)
def test_curves_can_be_read(sessions: Sessions) -> None:
    """Sizes and shares grow, ever more slowly, to at most the ideal; a handful of corners."""
    corners = curve(sessions)
    slopes = [y / x for x, y in np.diff([(0.0, 0.0), *corners], axis=0)]
    assert 2 <= len(corners) <= 8
    assert all(a > b > 0 for a, b in pairwise(slopes))
    assert corners[-1][1] <= sessions.ideal + 1e-9


@pytest.mark.skipif(not FACTS.is_file(), reason="the facts are not here (../shared/facts/demand.yaml)")
def test_figures_are_those_of_the_facts() -> None:
    """Percentiles and ideal hits are the published ones."""
    facts = {segment["id"]: segment for segment in yaml.safe_load(FACTS.read_text(encoding="utf-8"))["segments"]}
    trace = facts["coding_agent_tracelab"]
    tool, human = AGENTS.gaps
    assert AGENTS.ideal == trace["paper_v1"]["eviction_timeout_to_hit"]["h1"]
    assert (tool.share, tool.p50_s, tool.p90_s) == (trace["tool_call_rounds"], *trace["gap_after_tool_s"].values())
    assert (human.p50_s, human.p90_s) == (trace["gap_before_human_s"]["p50"], trace["gap_before_human_s"]["p90"])
    corpus, chat = facts["agentx_semianalysis"], facts["qwen_to_c"]
    assert PUBLISHED[1].ideal == corpus["lru_hit_by_cache_blocks_64tok"][50000]
    assert (PUBLISHED[1].gaps[0].p50_s, PUBLISHED[1].gaps[0].p90_s) == (corpus["gap_s"]["p50"], corpus["gap_s"]["p90"])
    assert PUBLISHED[2].ideal == chat["prefix_hit_ideal"]
    assert (PUBLISHED[2].gaps[0].p50_s, PUBLISHED[2].gaps[0].p90_s) == (chat["gap_s"]["p50"], chat["gap_s"]["p90"])
