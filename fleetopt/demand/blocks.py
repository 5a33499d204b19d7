"""Prompts as blocks of tokens by hash: kept in bounded memory, by sampling blocks where a trace has very many.

A hash names a block and everything before it, so that equal hashes mean equal prefixes. Above two million references
only blocks whose mixed hash lies below a threshold are kept, all their references with them, and the threshold is
halved as often as it takes: distances measured among a share R of the blocks are R times the true ones (SHARDS:
Waldspurger et al., FAST 2015).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fleetopt.demand.rows import Batch

Ints = NDArray[np.int64]
MOST_REFERENCES = 2_000_000
"""Block references kept."""
_HALVINGS = 40


@dataclass(frozen=True)
class Prompts:
    """The prompts of a trace in order of time, each with its blocks in order."""

    time_us: Ints
    input_tokens: Ints
    starts: Ints
    """Where the blocks of each prompt begin in `blocks`; one more at the end."""
    blocks: Ints
    """Keys of blocks, small whole numbers."""
    depths: Ints
    """Place of each block in its prompt, from 0."""
    sampled: float
    """Share of all blocks that are here."""
    low_tokens: float
    """Tokens of a block, at least; every prompt's length and number of blocks agree with values up to ..."""
    high_tokens: float
    """... this one, itself not among them."""
    references: int
    """Block references of the trace, kept or not."""

    @property
    def lengths(self) -> Ints:
        """Blocks of each prompt."""
        return np.diff(self.starts)

    def fewer(self, most: int) -> "Prompts":
        """The same prompts with at most so many block references, if need be by a sample of the blocks."""
        halved, stay = 0, np.ones(len(self.blocks), dtype=bool)
        while stay.sum() > most and halved < _HALVINGS:
            halved += 1
            stay = mixed(self.blocks) < np.uint64(1 << (64 - halved))
        if not halved:
            return self
        starts = np.concatenate([[0], np.cumsum(stay)])[self.starts]
        sampled = self.sampled * 0.5**halved
        return replace(self, starts=starts, blocks=self.blocks[stay], depths=self.depths[stay], sampled=sampled)


class BlockSample:
    """Prompts being gathered."""

    def __init__(self, most: int = MOST_REFERENCES) -> None:
        self._most = most
        self._parts: list[tuple[Ints, Ints, NDArray[np.int32]]] = []
        """Keys, rows, depths."""
        self._rows: list[tuple[Ints, Ints]] = []
        self._count, self._kept, self._halved = 0, 0, 0
        self._low, self._high = 0.0, np.inf
        self.references = 0
        self.repeated = 0
        """References to a block a second time in one prompt, left out."""

    def add(self, batch: Batch) -> None:
        """Keep the blocks of a batch; rows without any are prompts that nothing is found of."""
        if not len(batch.block_counts):
            return
        counts, tokens = batch.block_counts, batch.input_tokens
        self._rows.append((batch.time_us, tokens))
        self._narrow(counts[counts > 0], tokens[counts > 0])
        row = np.repeat(np.arange(len(counts)) + self._count, counts)
        depth = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        once = _first_of_each(batch.blocks, row)
        self.repeated += len(row) - int(once.sum())
        self.references += int(once.sum())
        self._count += len(counts)
        self._parts.append(self._drop(batch.blocks[once], row[once], depth[once].astype(np.int32)))
        self._kept += len(self._parts[-1][0])
        while self._kept > self._most and self._halved < _HALVINGS:
            self._halved += 1
            self._parts = [self._drop(*part) for part in self._parts]
            self._kept = sum(len(part[0]) for part in self._parts)

    def _narrow(self, counts: Ints, tokens: Ints) -> None:
        """n blocks of t tokens mean t / n tokens a block or more, and less than t / (n - 1)."""
        if len(counts):
            self._low = max(self._low, float((tokens / counts).max()))
            several = counts > 1
            if several.any():
                self._high = min(self._high, float((tokens[several] / (counts[several] - 1)).min()))

    def _drop(self, keys: Ints, row: Ints, depth: NDArray[np.int32]) -> tuple[Ints, Ints, NDArray[np.int32]]:
        if not self._halved:
            return keys, row, depth
        stay = mixed(keys) < np.uint64(1 << (64 - self._halved))
        return keys[stay], row[stay], depth[stay]

    def prompts(self) -> Prompts | None:
        """All prompts in order of time; None where there were no hashes."""
        if not self.references:
            return None
        time_us, tokens = (np.concatenate(column) for column in zip(*self._rows, strict=True))
        keys, row, depth = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        order = np.argsort(time_us, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        by_time = np.argsort(place[row], kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(place[row], minlength=len(order)))]).astype(np.int64)
        blocks = np.unique(keys[by_time], return_inverse=True)[1].astype(np.int64)
        sampled = 0.5**self._halved
        ends = (self._low, self._high)
        return Prompts(
            time_us[order],
            tokens[order],
            starts,
            blocks,
            depth[by_time].astype(np.int64),
            sampled,
            *ends,
            self.references,
        )


def mixed(keys: Ints) -> NDArray[np.uint64]:
    """Keys as even noise (splitmix64), the same on every machine."""
    z = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _first_of_each(keys: Ints, row: Ints) -> NDArray[np.bool_]:
    """Which references are the first to their block in their row."""
    order = np.lexsort((np.arange(len(keys)), keys, row))
    same = (keys[order][1:] == keys[order][:-1]) & (row[order][1:] == row[order][:-1])
    first = np.ones(len(keys), dtype=bool)
    first[order[1:][same]] = False
    return first
