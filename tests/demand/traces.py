"""Small traces to write, and a brute-force LRU."""

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from fleetopt.demand.blocks import BlockSample, Prompts
from fleetopt.demand.rows import Batch

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens"


def csv_trace(path: Path, rows: Iterable[str], header: str = HEADER) -> Path:
    """A file in the format of the Azure traces."""
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def jsonl_trace(path: Path, prompts: Iterable[Sequence[int]], block: int = 512, step_ms: int = 1000) -> Path:
    """A file in the format of the Mooncake trace: prompts of whole blocks, one a second."""
    rows = (
        {"timestamp": n * step_ms, "input_length": block * len(p), "output_length": 10, "hash_ids": list(p)}
        for n, p in enumerate(prompts)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def batch(prompts: Sequence[Sequence[int]], block: int = 512, times_s: Sequence[float] | None = None) -> Batch:
    """Rows as read: one a second, prompts of whole blocks."""
    times = np.array(times_s if times_s is not None else range(len(prompts)), dtype=float)
    counts = np.array([len(p) for p in prompts], dtype=np.int64)
    blocks = np.array([key for p in prompts for key in p], dtype=np.int64)
    return Batch((times * 1e6).astype(np.int64), counts * block, counts * 0 + 10, blocks, counts)


def gathered(prompts: Sequence[Sequence[int]], most: int = 2_000_000) -> Prompts:
    """Prompts as the reuse curve takes them."""
    sample = BlockSample(most)
    sample.add(batch(prompts))
    found = sample.prompts()
    assert found is not None
    return found


def lru_hits(prompts: Sequence[Sequence[int]], capacity: int) -> int:
    """Blocks found by a plain LRU cache of so many blocks.

    All of a prompt are looked up first, and count as far as all before them are there; then they are used from the last
    to the first, each in the place of the block that was not used for longest.
    """
    cache: OrderedDict[int, None] = OrderedDict()
    hits = 0
    for prompt in prompts:
        for key in prompt:
            if key not in cache:
                break
            hits += 1
        for key in reversed(prompt):
            cache[key] = None
            cache.move_to_end(key)
            if len(cache) > capacity:
                cache.popitem(last=False)
    return hits
