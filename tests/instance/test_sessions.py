"""Sessions: what they are worked into, by hand, and beside what was published of the same sessions."""

from math import exp, log
from typing import Any

import pytest
from builders import tiny_raw
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.catalog import load as catalog
from fleetopt.errors import InputError
from fleetopt.instance.load import dump_resolved, load_dict
from fleetopt.instance.schema import Instance
from fleetopt.instance.session_figures import Z90, bands, mean_below_s, mean_s, share_below, turns
from fleetopt.instance.sessions import Pause, Session, Spread
from fleetopt.instance.workloads import Workload

DRAM = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0}}
SESSION: dict[str, Any] = {
    "turns_per_task": 4,
    "first_tokens": 1000,
    "appended_tokens": 300,
    "output_tokens": 200,
    "sizes": 2,
    "pauses": [{"id": "tool", "share": 1, "p50_s": 1.0, "p90_s": 10.0}],
    "tiers": ["dram"],
}


def raw(session: Any = None, **workload: Any) -> dict[str, Any]:
    """A tiny instance whose chat is agentic and stated by its sessions."""
    plain = tiny_raw(memory=[DRAM])
    chat = plain["workloads"][0]
    del chat["buckets"]
    chat |= {"kind": "agentic", "slo": {"completion_s": 600.0}, "session": {**SESSION, **(session or {})}, **workload}
    return plain


def worked(session: Any = None, **workload: Any) -> Workload:
    return load_dict(raw(session, **workload)).instance.workload("chat")


def test_contexts_grow_turn_by_turn() -> None:
    """1,000; then 1,200 known and 300 new; 1,700 and 300; 2,200 and 300: a start, and later turns in two sizes.

    Of three later turns the first is a size of its own, the other two are the second: (2,000 + 2,500) / 2 = 2,250.
    """
    buckets = {b.id: b for b in worked().buckets}
    assert set(buckets) == {"start", "size1-tool", "size2-tool"}
    sizes = {id_: (b.share, b.input_tokens, b.cached_tokens) for id_, b in buckets.items()}
    assert sizes["start"] == (0.25, 1000.0, 0.0)
    assert sizes["size1-tool"] == (0.25, 1500.0, 1200.0)
    assert sizes["size2-tool"] == (0.5, 2250.0, 1950.0)
    assert all(b.output_tokens == 200.0 for b in buckets.values())


def test_a_context_that_is_full_starts_again_from_a_summary() -> None:
    """At most 2,000 tokens: turn 3 would take 2,000 + 200, so it prefills 100 + 300; turn 4 finds 600 and adds 300."""
    found = turns(Session.model_validate({**SESSION, "most_tokens": 2000, "summary_tokens": 100}))
    assert [(t.input_tokens, t.cached_tokens) for t in found] == [(1000, 0), (1500, 1200), (400, 0), (900, 600)]
    start = worked({"most_tokens": 2000, "summary_tokens": 100}).buckets[0]
    assert (start.share, start.input_tokens) == (0.5, 700.0)


def test_pauses_are_log_normal_through_two_percentiles() -> None:
    """Median 1 and 90th percentile 10: sigma = ln 10 / 1.2816 = 1.797, mean exp(1.797^2 / 2) = 5.02 s."""
    spread = Spread(p50_s=1.0, p90_s=10.0)
    assert mean_s(spread) == pytest.approx(exp((log(10) / Z90) ** 2 / 2))
    assert mean_s(spread) == pytest.approx(5.02, abs=0.01)
    assert share_below(spread, 1.0) == pytest.approx(0.5) and share_below(spread, 10.0) == pytest.approx(0.9)
    gap = worked().idle_kv
    assert gap is not None and [g.id for g in gap.gaps] == ["tool"]
    assert gap.gaps[0].held_s == gap.mean_gap_s == pytest.approx(mean_s(spread))
    assert gap.gaps[0].writes_per_restore == 1.0


@given(p50=st.floats(0.1, 100.0), times=st.floats(1.5, 50.0), age=st.floats(0.01, 1e5))
def test_time_below_an_age_is_the_integral(p50: float, times: float, age: float) -> None:
    """The closed formula of the mean up to an age is the integral of 1 - F, by the midpoint rule in the logarithm."""
    spread, steps = Spread(p50_s=p50, p90_s=p50 * times), 4000
    low = log(1e-9)
    width = (log(age) - low) / steps
    ages = [exp(low + (n + 0.5) * width) for n in range(steps)]
    summed = sum((1.0 - share_below(spread, a)) * a * width for a in ages)
    assert mean_below_s(spread, age) == pytest.approx(summed, rel=1e-3, abs=1e-6)


def test_bands_carry_those_whose_pause_runs_on() -> None:
    """Split at 10 s: nine in ten come back before, so each restore carries (mean up to 10 s) / 0.9; the others are
    written again when they reach 10 s: 1 / 0.9 writes a restore at first, 0.1 / 0.1 = 1 later.
    """
    pause = Pause(id="tool", share=0.5, p50_s=1.0, p90_s=10.0, ages_s=(10.0,))
    first, late = bands(pause)
    assert (first.id, late.id) == ("tool-1", "tool-2")
    assert (first.share, late.share) == (pytest.approx(0.45), pytest.approx(0.05))
    assert first.held_s == pytest.approx(mean_below_s(pause, 10.0) / 0.9)
    assert late.held_s == pytest.approx((mean_s(pause) - mean_below_s(pause, 10.0)) / 0.1)
    assert first.writes_per_restore == pytest.approx(1 / 0.9) and late.writes_per_restore == pytest.approx(1.0)
    held_s = sum(band.share * band.held_s for band in (first, late))
    assert held_s == pytest.approx(0.5 * mean_s(pause)), "all the time that KV lies idle is in the bands"


@given(
    p50=st.floats(0.1, 100.0),
    times=st.floats(1.5, 50.0),
    ages=st.lists(st.floats(0.1, 1e4), min_size=1, max_size=5, unique=True),
)
def test_bands_add_up_and_rise(p50: float, times: float, ages: list[float]) -> None:
    """Whatever the ages, shares add up to that of the pause, time to its mean, and older bands hold longer."""
    pause = Pause(id="p", share=1.0, p50_s=p50, p90_s=p50 * times, ages_s=tuple(sorted(ages)))
    found = bands(pause)
    assert sum(band.share for band in found) == pytest.approx(1.0)
    assert sum(band.share * band.held_s for band in found) == pytest.approx(mean_s(pause))
    held = [band.held_s for band in found]
    assert held == sorted(held)


@pytest.mark.parametrize(("timeout_s", "hit"), [(60.0, 0.854), (300.0, 0.94), (3600.0, 0.986)])
def test_the_coding_agent_meets_what_was_published_of_it(timeout_s: float, hit: float) -> None:
    """TraceLab found 85.4 %, 94.0 % and 98.6 % of the input again with KV dropped after 1, 5 and 60 minutes.

    Worked out from its pauses and contexts alone, none of which were fitted to these shares: within 1.5 points.
    """
    session = Session.model_validate(catalog.entry("session", "coding-agent"))
    found = turns(session)
    cached = sum(t.cached_tokens for t in found) / sum(t.input_tokens for t in found)
    kept = sum(pause.share * share_below(pause, timeout_s) for pause in session.pauses)
    assert kept * cached == pytest.approx(hit, abs=0.015)


def test_the_coding_agent_has_the_published_contexts_and_tools() -> None:
    """A median of 132,092 tokens; tools of 18.8 s on average in 86.3 % of turns; pauses of 87 s on average."""
    plain = raw()
    plain["workloads"][0]["session"] = {"use": "coding-agent", "tiers": ["dram"]}
    workload = load_dict(plain).instance.workload("chat")
    found = sorted(t.input_tokens for t in turns(Session.model_validate(catalog.entry("session", "coding-agent"))))
    assert found[len(found) // 2] == pytest.approx(132_092, rel=0.02)
    assert workload.agent is not None and workload.idle_kv is not None
    assert workload.agent.tool_s == pytest.approx(0.863 * 18.8, rel=0.01)
    assert workload.agent.tool_core_s == pytest.approx(0.5 * workload.agent.tool_s)
    assert workload.idle_kv.mean_gap_s == workload.agent.sandbox_s == pytest.approx(87, rel=0.01)


def test_tools_state_and_tasks() -> None:
    """A call in half of the turns of 5.02 s on two cores; 0.4 GB a task is 0.1 GB a turn; tasks are four turns each."""
    tools = {"share": 0.5, "time": {"p50_s": 1, "p90_s": 10}, "cores": 2, "sandbox_gb": 3, "sandbox_held": "call"}
    state = {"id": "logs", "tiers": ["dram"], "gb_per_task": 0.4, "retention_h": 48, "reads_per_write": 2}
    found = worked({"tools": tools, "states": [state], "demand_counts": "tasks"})
    assert found.agent is not None
    assert found.agent.tool_s == found.agent.sandbox_s == pytest.approx(2.51, abs=0.01)
    assert (found.agent.tool_core_s, found.agent.sandbox_gb) == (pytest.approx(2 * found.agent.tool_s), 3.0)
    (logs,) = found.stores
    assert (logs.id, logs.gb_per_request, logs.retention_h, logs.reads_per_write) == ("logs", 0.1, 48.0, 2.0)
    assert found.demand.scale == 4.0


def test_only_what_is_new_may_be_written() -> None:
    """Later turns find 5,100 tokens and make 500 each: the first band is written 1,500 / 5,100 times a restore."""
    found = worked({"rewritten": "new", "pauses": [{**SESSION["pauses"][0], "ages_s": [10.0]}]}).idle_kv
    assert found is not None
    first, late = found.gaps
    assert first.writes_per_restore == pytest.approx(1500 / 5100 / 0.9) and late.writes_per_restore == pytest.approx(
        1.0
    )


def test_what_is_written_is_a_plain_instance() -> None:
    """The resolved text has sizes and gaps, no session, and reads back as the same instance; the log says what came."""
    loaded = load_dict(raw())
    (said,) = [line for line in loaded.changes if "session" in line]
    assert said.startswith("workloads.chat.session: 3 sizes, mean input 1,750 tokens") and "tool 5.02" in said
    text = dump_resolved(loaded.instance)
    assert "session" not in text and "size1-tool" in text
    again = load_dict(loaded.instance.model_dump(exclude_none=True)).instance
    assert isinstance(again, Instance) and again.workload("chat") == loaded.instance.workload("chat")


def test_overrides_reach_into_a_session() -> None:
    """What a session came to follows its figures, from the catalogue or not."""
    plain = raw()
    plain["workloads"][0]["session"] = {"use": "coding-agent", "tiers": ["dram"]}
    longer = load_dict(plain, overrides=["workloads.chat.session.pauses.human.p90_s=3000"])
    mean_gap_s = [loaded.instance.workload("chat").idle_kv.mean_gap_s for loaded in (load_dict(plain), longer)]  # type: ignore[union-attr]
    assert mean_gap_s[0] < mean_gap_s[1]
    more = load_dict(plain, overrides=["workloads.chat.session.turns_per_task=10", "workloads.chat.session.sizes=1"])
    assert [b.id for b in more.instance.workload("chat").buckets] == ["start", "size1-tool", "size1-human"]


@pytest.mark.parametrize(
    ("session", "workload", "message"),
    [
        ({"pauses": [{"id": "tool", "share": 0.9, "p50_s": 1, "p90_s": 2}]}, {}, "the shares add up to 0.9"),
        ({"pauses": [{"id": "tool", "share": 1, "p50_s": 2, "p90_s": 2}]}, {}, "does not lie above a median"),
        (
            {"pauses": [{"id": "t", "share": 1, "p50_s": 1, "p90_s": 2, "ages_s": [5, 5]}]},
            {},
            "is no more than the 5 s before it",
        ),
        ({"tiers": ["dran"]}, {}, "did you mean 'dram'"),
        ({"tiers": []}, {}, "nothing says where KV may lie"),
        ({"most_tokens": 900}, {}, "do not hold even a first turn of 1200"),
        ({"first_tokens": 0}, {}, "a session starts with nothing"),
        ({}, {"agent": {"turns_per_task": 2, "tool_s": 1}}, "stands beside session"),
        ({}, {"kind": "answer", "slo": {"ttft_s": 1, "tpot_s": 1}}, "only a workload of kind agentic"),
    ],
)
def test_what_cannot_be_worked_out_is_said(session: dict[str, Any], workload: dict[str, Any], message: str) -> None:
    """Each fault is said at its place, and nothing is said of what would have followed from it."""
    with pytest.raises(InputError) as refused:
        load_dict(raw(session, **workload))
    (only,) = refused.value.issues
    assert message in str(only)


def test_a_session_the_catalogue_lacks_is_said() -> None:
    """A close name is suggested."""
    plain = raw()
    plain["workloads"][0]["session"] = "coding-agnet"
    with pytest.raises(InputError, match="coding-agent"):
        load_dict(plain)
