"""Buckets: totals kept, errors as stated, as few as the tolerance allows, and optimal on a case small enough to try."""

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.demand.buckets import partition
from fleetopt.demand.columns import Asked, shape_of
from fleetopt.demand.lines import TraceFile
from fleetopt.demand.rows import Batch, batches
from fleetopt.demand.sketch import LINES, SizeSketch, band_of, band_start
from fleetopt.demand.tally import Rows

pytestmark = pytest.mark.once

TRACES = Path(__file__).parents[3] / "shared" / "data" / "traces"
there = pytest.mark.skipif(not TRACES.is_dir(), reason="the traces are not here (../shared/data/traces)")


def sketch(inputs: list[int], outputs: list[int]) -> SizeSketch:
    """The sketch of some requests."""
    found, none = SizeSketch(), np.empty(0, dtype=np.int64)
    found.add(Batch(np.zeros(len(inputs), np.int64), np.array(inputs), np.array(outputs), none, none))
    return found


def test_bands_are_ordered_and_narrow() -> None:
    """Every number of tokens lies in its band, bands follow each other, and none is wider than a sixteenth."""
    tokens = np.unique(np.concatenate([np.arange(5000), np.geomspace(5000, 1e8, 20_000).astype(np.int64)]))
    bands = band_of(tokens)
    assert (np.diff(bands) >= 0).all() and bands.max() < LINES
    for token, band in zip(tokens.tolist(), bands.tolist(), strict=True):
        assert band_start(band) <= token < band_start(band + 1) <= max(band_start(band) * 1.0625 + 1, 1)
    assert [band_start(int(band_of(np.array([n]))[0])) for n in range(64)] == [
        *range(32),
        *(n - n % 2 for n in range(32, 64)),
    ]


requests = st.lists(st.tuples(st.integers(1, 100_000), st.integers(0, 5_000)), min_size=1, max_size=60)


@given(requests, st.sampled_from([0.0, 0.02, 0.1, 0.5]), st.integers(1, 12))
def test_totals_are_kept_and_errors_are_true(sizes: list[tuple[int, int]], tolerance: float, most: int) -> None:
    """Requests and tokens are exact; each error is what the buckets' own cells lose, worked out from the requests."""
    found = partition(sketch(*map(list, zip(*sizes, strict=True))), tolerance, most)
    assert len(found.buckets) <= most
    assert sum(b.requests for b in found.buckets) == len(sizes)
    for axis, name in enumerate(("input_tokens", "output_tokens")):
        kept = sum(b.requests * getattr(b, name) for b in found.buckets)
        assert kept == pytest.approx(sum(size[axis] for size in sizes), rel=1e-9)
    if len(found.buckets) < most and len(set(sizes)) <= most:
        assert found.error <= tolerance + 1e-9
    i2, o2 = (sum(size[axis] ** 2 for size in sizes) for axis in (0, 1))
    kept_i2 = sum(b.requests * b.input_tokens**2 for b in found.buckets)
    kept_o2 = sum(b.requests * b.output_tokens**2 for b in found.buckets)
    assert found.errors["prefill"] == pytest.approx(1 - kept_i2 / i2, abs=1e-9)
    assert found.errors["spread"] == pytest.approx(1 - kept_o2 / o2 if o2 else 0.0, abs=1e-9)
    kv = sum(i * o + o * o / 2 for i, o in sizes)
    kept = sum(b.requests * (b.input_tokens * b.output_tokens + b.output_tokens**2 / 2) for b in found.buckets)
    assert abs(1 - kept / kv if kv else 0.0) <= found.errors["decode"] + 1e-9


@given(requests)
def test_more_buckets_never_lose_more(sizes: list[tuple[int, int]]) -> None:
    """The sum of the three errors falls with the number of buckets allowed."""
    of = sketch(*map(list, zip(*sizes, strict=True)))
    sums = [sum(partition(of, 0.0, most).errors.values()) for most in (1, 2, 3, 5, 8)]
    assert all(a >= b - 1e-9 for a, b in pairwise(sums))


def test_the_cut_is_optimal() -> None:
    """With one output the best 3 cells of inputs are those of the best of all pairs of cuts."""
    draw = np.random.default_rng(3)
    inputs = sorted(int(x) for x in draw.choice(np.arange(1, 32), 12, replace=False))
    found = partition(sketch(inputs, [0] * 12), 0.0, 3)

    def lost(cells: list[list[int]]) -> float:
        return sum(float(np.var(cell)) * len(cell) for cell in cells) / sum(x * x for x in inputs)

    best = min(lost([inputs[:a], inputs[a:b], inputs[b:]]) for a, b in combinations(range(1, 12), 2))
    assert found.errors["prefill"] == pytest.approx(best)
    assert len(found.buckets) == 3 and found.errors["decode"] == found.errors["spread"] == 0


def test_correlation_is_kept() -> None:
    """Long prompts with short answers and the other way round stay two buckets: correlation -1."""
    found = partition(sketch([100] * 5 + [4000] * 5, [900] * 5 + [10] * 5), 0.05, 8)
    assert [(b.requests, b.input_tokens, b.output_tokens) for b in found.buckets] == [(5, 100, 900), (5, 4000, 10)]
    assert found.correlation == found.trace_correlation == pytest.approx(-1)


def test_one_size_is_one_bucket() -> None:
    """Equal requests need one bucket, without error and without correlation."""
    found = partition(sketch([500] * 3, [20] * 3), 0.0, 16)
    assert len(found.buckets) == 1 and found.error == pytest.approx(0, abs=1e-12) and found.correlation == 0


@there
@pytest.mark.parametrize(
    ("name", "requests", "tokens_in", "most"),
    [
        ("AzureLLMInferenceTrace_conv.csv", 19_366, 22_361_870, 4),
        ("AzureLLMInferenceTrace_code.csv", 8_819, 18_059_974, 12),
        ("mooncake_conversation_trace.jsonl", 12_031, 144_793_823, 10),
    ],
)
def test_public_traces(name: str, requests: int, tokens_in: int, most: int) -> None:
    """Requests and tokens of the file are those of the buckets, at 10 % with at most so many of them."""
    of = SizeSketch()
    for part in batches(TraceFile(TRACES / name), shape_of(TRACES / name, Asked({})), Rows()):
        of.add(part)
    found = partition(of, 0.10, 16)
    assert sum(b.requests for b in found.buckets) == requests
    assert sum(b.requests * b.input_tokens for b in found.buckets) == pytest.approx(tokens_in, rel=1e-12)
    assert found.error <= 0.10 and found.errors["decode"] < 0.01 and len(found.buckets) <= most
    assert found.correlation == pytest.approx(found.trace_correlation, abs=0.02)
