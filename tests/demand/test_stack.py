"""Stack distances: against a list that is kept in order of use, and the published figures of a public trace."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.demand.stack import NEVER, stack_distances

MOONCAKE = Path(__file__).parents[3] / "shared" / "data" / "traces" / "mooncake_conversation_trace.jsonl"
PUBLISHED = {0.005: 4.35, 0.01: 5.23, 0.02: 7.87, 0.05: 19.5, 0.1: 27.8, 0.2: 34.5, 0.5: 36.3, 1.0: 36.6}
"""Hit rate, %, of an LRU cache of a share of all 182,790 blocks."""


def by_list(blocks: list[int], at: list[int] | None = None) -> list[int]:
    """Place of each block in a list of those used before the lookup, the last used first."""
    found = []
    for n, block in enumerate(blocks):
        before = blocks[: n if at is None else at[n]]
        order = list(dict.fromkeys(reversed(before)))
        found.append(order.index(block) if block in order else NEVER)
    return found


@given(st.lists(st.integers(0, 12), max_size=80))
def test_distances_are_places_in_the_stack(blocks: list[int]) -> None:
    """Every distance is the block's place among those used, the last used first; a first use has none."""
    assert stack_distances(np.array(blocks, dtype=np.int64)).tolist() == by_list(blocks)


@given(st.lists(st.lists(st.integers(0, 20), max_size=8, unique=True), max_size=20))
def test_lookups_of_an_earlier_moment(groups: list[list[int]]) -> None:
    """With `at` the start of its group, each reference is looked up before any of the group is used."""
    blocks = [block for group in groups for block in group]
    starts = [sum(map(len, groups[:n])) for n, group in enumerate(groups) for _ in group]
    found = stack_distances(np.array(blocks, dtype=np.int64), np.array(starts, dtype=np.int64))
    assert found.tolist() == by_list(blocks, starts)


def test_by_hand() -> None:
    """a b c a c c b: a waits for b and c (2), c for a (1), then for nothing (0), b for a and c (2)."""
    assert stack_distances(np.array([1, 2, 3, 1, 3, 3, 2])).tolist() == [-1, -1, -1, 2, 1, 0, 2]


def test_nothing_and_first_uses_alone() -> None:
    """No references have no distances, and blocks used once have none either."""
    assert stack_distances(np.empty(0, dtype=np.int64)).tolist() == []
    assert stack_distances(np.array([5, 6, 7])).tolist() == [NEVER] * 3


@pytest.mark.skipif(not MOONCAKE.is_file(), reason="the traces are not here (../shared/data/traces)")
def test_the_published_hit_rates_of_mooncake() -> None:
    """Blocks one by one in the order of the file: the hit rates published for the trace, to the digits given."""
    rows = [json.loads(line)["hash_ids"] for line in MOONCAKE.read_text(encoding="utf-8").splitlines()]
    blocks = np.array([block for row in rows for block in row], dtype=np.int64)
    unique = len(np.unique(blocks))
    assert (len(rows), unique) == (12_031, 182_790)
    distances = stack_distances(blocks)
    for share, percent in PUBLISHED.items():
        found = (distances != NEVER) & (distances < round(share * unique))
        assert 100 * found.mean() == pytest.approx(percent, abs=0.051 if percent > 10 else 0.0051)
