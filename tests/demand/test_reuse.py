"""Reuse curves: against a plain LRU cache, by hand, and on the public trace."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import batch, gathered, lru_hits

from fleetopt.demand.blocks import BlockSample, Prompts
from fleetopt.demand.columns import Asked, shape_of
from fleetopt.demand.hull import envelope, fewest
from fleetopt.demand.lines import TraceFile
from fleetopt.demand.reuse import lookups, reuse, spreads
from fleetopt.demand.rows import batches
from fleetopt.demand.tally import Rows

MOONCAKE = Path(__file__).parents[3] / "shared" / "data" / "traces" / "mooncake_conversation_trace.jsonl"
NONE_SHARED = 2.0
"""More than all requests."""
there = pytest.mark.skipif(not MOONCAKE.is_file(), reason="the traces are not here (../shared/data/traces)")


@st.composite
def conversations(draw: st.DrawFn) -> list[list[int]]:
    """Prompts of chained blocks: each takes up some of an earlier one and goes on with blocks of its own."""
    prompts: list[list[int]] = []
    fresh = 0
    for _ in range(draw(st.integers(2, 25))):
        start: list[int] = []
        if prompts:
            earlier = prompts[draw(st.integers(0, len(prompts) - 1))]
            start = earlier[: draw(st.integers(0, len(earlier)))]
        more = draw(st.integers(0 if start else 1, 4))
        prompts.append(start + list(range(fresh, fresh + more)))
        fresh += more
    return prompts


anything = st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=7, unique=True), min_size=2, max_size=25)
"""Prompts whose blocks do not even form prefixes."""


@given(st.one_of(conversations(), anything), st.integers(1, 40))
def test_hits_are_those_of_a_direct_simulation(prompts: list[list[int]], capacity: int) -> None:
    """For every capacity the curve counts as many blocks as an LRU cache that is run block by block finds."""
    found = lookups(gathered(prompts), 1, NONE_SHARED, 0.0, 1, "prefix")
    rate = found.input_tokens / (len(prompts) - 1)
    assert int((found.held_s * rate <= capacity + 1e-6).sum()) == lru_hits(prompts, capacity)


@given(conversations())
def test_the_curve_is_concave_and_promises_no_more_than_was_measured(prompts: list[list[int]]) -> None:
    """Corners rise ever more slowly from (0, 0), end at the endless cache, and lie on what was measured."""
    gathered_ = gathered(prompts)
    found = reuse(gathered_, 512, NONE_SHARED, tolerance=0.0)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise([(0.0, 0.0), *found.corners])]
    assert all(a >= b - 1e-12 for a, b in pairwise(slopes)) and all(slope > 0 for slope in slopes)
    measured = lookups(gathered_, 512, NONE_SHARED, 0.0, 1, "prefix")
    for held_s, share in found.corners:
        hits = measured.tokens[measured.held_s <= held_s * (1 + 1e-9)].sum() / measured.input_tokens
        assert share == pytest.approx(hits)
    assert (found.corners[-1][1] if found.corners else 0.0) == pytest.approx(found.ideal)


@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0, 1)), min_size=1, max_size=30), st.floats(0.001, 0.2))
def test_fewer_corners_stay_below_and_near(steps: list[tuple[float, float]], tolerance: float) -> None:
    """Of a curve that never falls a part of the envelope is kept, with its end, at most the tolerance below it."""
    sizes, shares = (np.cumsum(each).tolist() for each in zip(*steps, strict=True))
    whole = envelope(zip(sizes, shares, strict=True))
    kept = fewest(whole, tolerance)
    assert set(kept) <= set(whole) and kept[-1:] == whole[-1:]
    xs, ys = zip((0.0, 0.0), *kept, strict=True)
    for x, y in whole:
        assert -1e-9 <= y - float(np.interp(x, xs, ys)) <= tolerance + 1e-9


def test_by_hand() -> None:
    """A B A B with prompts of 4 blocks: half of the input is found, with 8 blocks; one second apart, 1.5 a second.

    Before the second A come B's four blocks and, from the root, 0 to 3 of A's own: 5, 6, 7 and 8 blocks find it. The
    envelope has one corner, 8 blocks: 16 blocks in 3 s are 5.33 a second, so 1.5 s of input.
    """
    found = reuse(gathered([[1, 2, 3, 4], [5, 6, 7, 8]] * 2), 512, NONE_SHARED)
    assert found.corners == (pytest.approx((1.5, 0.5)),)
    assert found.tokens_per_s == pytest.approx(16 * 512 / 3)


def test_prompts_shared_by_all_are_held_apart() -> None:
    """Block 0 is in all 4 prompts of 2: a block, found 3 times of 8; the rest is found once, by a cache of 2 blocks.

    Between the two uses of block 1 comes block 2; block 0 lies apart. 2 blocks at 8 / 3 a second are 0.75 s.
    """
    found = reuse(gathered([[0, 1], [0, 2], [0, 1], [0, 3]]), 512, 0.9)
    assert (found.shared_tokens, found.shared_hit_share) == (512, pytest.approx(3 / 8))
    assert found.corners == (pytest.approx((0.75, 1 / 8)),)
    assert found.ideal == pytest.approx(0.5)


def test_a_partly_filled_block_counts_its_tokens() -> None:
    """Prompts of 700 tokens in blocks of 512 find 512 + 188 of them: half of all input, by a cache of two blocks."""
    whole = gathered([[1, 2], [1, 2]])
    short = Prompts(
        whole.time_us, whole.input_tokens * 0 + 700, whole.starts, whole.blocks, whole.depths, 1.0, 350, 700, 4
    )
    found = reuse(short, 512, NONE_SHARED)
    assert found.ideal == pytest.approx(0.5)
    assert found.corners[-1] == pytest.approx((2 * 512 / 1400, 0.5))


def test_warming_up_leaves_first_uses_out() -> None:
    """Ten times the same prompt: 90 % is found, and all of it where only the second half counts."""
    prompts = gathered([[1, 2]] * 10)
    assert reuse(prompts, 512, NONE_SHARED).ideal == pytest.approx(0.9)
    assert reuse(prompts, 512, NONE_SHARED, warm_up=0.5).ideal == pytest.approx(1.0)


def test_order_in_the_file_is_of_no_account() -> None:
    """Prompts count in the order of their times."""
    sample = BlockSample()
    sample.add(batch([[5, 6], [1, 2], [1, 2]], times_s=[2.0, 3.0, 0.0]))
    found = sample.prompts()
    assert found is not None
    assert found.blocks.tolist() == [0, 1, 2, 3, 0, 1]


def test_a_block_twice_in_a_prompt_counts_once() -> None:
    """A hash stands for all before it as well, so a second one is a mistake; it is counted and left out."""
    sample = BlockSample()
    sample.add(batch([[1, 2, 1], [1, 2, 3]]))
    found = sample.prompts()
    assert found is not None
    assert sample.repeated == 1 and found.lengths.tolist() == [2, 3]


@there
def test_mooncake() -> None:
    """37.4 % of tokens with an endless cache; near the published curve of single blocks at every size.

    A cache that keeps prefixes whole finds 0.1 of a point more than blocks one by one: evicting leaves first wastes
    nothing. In tokens it is 0.4 to 0.7 of a point more than in blocks: last blocks, half full, are found less often.
    """
    prompts = _mooncake()
    assert prompts.low_tokens <= 512 < prompts.high_tokens < 513
    found = lookups(prompts, 512, NONE_SHARED, 0.0, 1, "prefix")
    rate = prompts.input_tokens.sum() / 3536.999
    unique = len(np.unique(prompts.blocks))
    held = found.held_s * rate / 512
    for share, percent in {0.005: 4.35, 0.05: 19.5, 0.1: 27.8, 0.2: 34.5, 0.5: 36.3, 1.0: 36.6}.items():
        hit = held <= round(share * unique) + 1e-6
        assert 100 * hit.mean() == pytest.approx(percent, abs=0.13)
        assert 0 < 100 * found.tokens[hit].sum() / found.input_tokens - percent < 0.85
    curve = reuse(prompts, 512, 0.05)
    assert curve.ideal == pytest.approx(0.374, abs=0.0005)
    assert unique * 512 / curve.tokens_per_s == pytest.approx(2290, rel=0.005)


@there
def test_mooncake_in_less_memory() -> None:
    """With an eighth of the blocks the curve is within half a point of the exact one."""
    exact = reuse(_mooncake(), 512, NONE_SHARED)
    sampled = reuse(_mooncake(40_000), 512, NONE_SHARED)
    xs, ys = zip((0.0, 0.0), *sampled.corners, strict=True)
    for held_s, share in exact.corners[1:]:
        assert float(np.interp(held_s, xs, ys)) == pytest.approx(share, abs=0.012)
    assert sampled.ideal == pytest.approx(exact.ideal, abs=0.005)


@there
def test_mooncake_split_over_sites() -> None:
    """Split by prefix, 16 sites find what one does in the same seconds of input; split at random, ever less."""
    prompts = _mooncake()
    found = {(s.routing, s.sites): s for s in spreads(prompts, 512, 0.05, reuse(prompts, 512, 0.05), 0.0)}
    one = found["prefix", 1]
    for sites in (2, 4, 8, 16):
        assert found["prefix", sites].hits == pytest.approx(one.hits, abs=0.01)
    random = [found["random", sites].ideal for sites in (2, 4, 8, 16)]
    assert all(a > b for a, b in pairwise([one.ideal, *random]))


def _mooncake(most: int = 2_000_000) -> Prompts:
    sample, shape = BlockSample(most), shape_of(MOONCAKE, Asked({}))
    for part in batches(TraceFile(MOONCAKE), shape, Rows()):
        sample.add(part)
    found = sample.prompts()
    assert found is not None
    return found
