"""Exact LRU stack distances, offline, in O(n log n) array operations.

The stack distance of a reference is the number of different blocks used since the last use of its own: a cache of
more blocks than that finds it, a smaller one does not, so that one pass answers for every capacity (Mattson et al., IBM
Systems Journal 9, 1970). Let p(i) be the position of the last use of the block of reference i. A block used since
counts once, by its first use after p(i), which is the one whose own last use lies before p(i):

    distance(i) = #{ j : p(i) < j < i, p(j) < p(i) } = #{ j < i : p(j) < p(i) } - (p(i) + 1)

because every j up to p(i) has p(j) < j. The count of smaller values among those before is answered for all references
at once by a wavelet matrix (Claude, Navarro and Ordonez, Information Systems 47, 2015): one pass over the bits of the
values, high to low, each a prefix sum and a stable partition. `at` lets a reference be looked up in the state of an
earlier moment: all blocks of a prompt are looked up before any of them is touched.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
NEVER = -1
"""Distance of a first use: no cache finds it."""


def stack_distances(blocks: Ints, at: Ints | None = None) -> Ints:
    """Distance of each reference to a block, `NEVER` for a first use.

    `blocks` are the references in order; `at[i]` is the number of references that came before the lookup of i (i itself
    where absent), which may not be less than one more than its last use.
    """
    n = len(blocks)
    last = _last_uses(blocks)
    again = np.flatnonzero(last >= 0)
    found = np.full(n, NEVER, dtype=np.int64)
    if not len(again):
        return found
    ranks = _ranks(last)
    before = (again if at is None else at[again]).astype(np.int32)
    found[again] = _smaller_before(ranks, before, ranks[again]) - last[again] - 1
    return found


def _last_uses(blocks: Ints) -> Ints:
    """Position of the previous reference to the same block, -1 where there is none."""
    order = np.argsort(blocks, kind="stable")
    ordered = blocks[order]
    same = ordered[1:] == ordered[:-1]
    last = np.full(len(blocks), -1, dtype=np.int64)
    last[order[1:][same]] = order[:-1][same]
    return last


def _ranks(last: Ints) -> NDArray[np.int32]:
    """Last uses as a permutation of 0 to n - 1 in the same order; first uses come lowest, in any order among them."""
    cold = last < 0
    used_again = np.zeros(len(last), dtype=bool)
    used_again[last[~cold]] = True
    ranks = np.empty(len(last), dtype=np.int32)
    first = int(cold.sum())
    ranks[cold] = np.arange(first, dtype=np.int32)
    ranks[~cold] = first - 1 + np.cumsum(used_again, dtype=np.int32)[last[~cold]]
    return ranks


def _smaller_before(values: NDArray[np.int32], ends: NDArray[np.int32], limits: NDArray[np.int32]) -> Ints:
    """For each query the number of j < end with values[j] < limit; `values` is a permutation of 0 to n - 1."""
    n = len(values)
    low, high = np.zeros(len(ends), dtype=np.int32), ends.copy()
    count = np.zeros(len(ends), dtype=np.int64)
    zeros_before = np.zeros(n + 1, dtype=np.int32)
    for bit in range(max(n - 1, 1).bit_length() - 1, -1, -1):
        zero = (values >> bit) & 1 == 0
        np.cumsum(zero, out=zeros_before[1:])
        zeros = zeros_before[n]
        low_zeros, high_zeros = zeros_before[low], zeros_before[high]
        above = (limits >> bit) & 1 == 1
        count[above] += (high_zeros - low_zeros)[above]
        low = np.where(above, zeros + low - low_zeros, low_zeros)
        high = np.where(above, zeros + high - high_zeros, high_zeros)
        values = np.concatenate([values[zero], values[~zero]])
    return count
