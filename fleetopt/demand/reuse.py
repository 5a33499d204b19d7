"""Prefix reuse of a trace: the share of input tokens that a cache of a given size finds again.

What is modelled: one cache a site, of whole blocks, least recently used first out. All blocks of a prompt are looked up
when it arrives; a block is found only where all before it are. Then every block of the prompt counts as used, the last
one longest ago: caches evict leaves of the prefix tree first, so a block never outlives those before it. Found tokens
are those of the prompt that lie in found blocks. What requests generate is in the cache only once a later prompt has
it: one more reason why an hour of a log is a lower bound, besides first uses that a longer log would have seen before.

Prompts shared by all (blocks in at least a given share of all requests) are held apart, once at a site, however much it
serves; the rest grows with load, and its sizes are in seconds of input: tokens held / input tokens a second (Little's
law: what is held = what is written a second x how long it stays, so that a block stays held_s / (1 - hit share)).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fleetopt.demand.blocks import Prompts, mixed
from fleetopt.demand.hull import Corner, envelope, fewest
from fleetopt.demand.stack import stack_distances

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Routing = Literal["prefix", "random"]
"""How requests are split over sites: by the first block that not all share, or at random."""
_SIZES = 4000
"""Sizes of cache at which the curve is read, evenly in ratio."""
_MOST_SPREAD = 500_000
_US = 1e6


@dataclass(frozen=True)
class Reuse:
    """What prefix caches find of a trace."""

    corners: tuple[Corner, ...]
    """(held_s, hit_share): the fewest that stay within the tolerance of the concave envelope."""
    ideal: float
    """Share of input tokens that an endless cache finds, shared prompts included."""
    shared_tokens: float
    """Tokens of prompts shared by all."""
    shared_hit_share: float
    """Share of input tokens found in them."""
    tokens_per_s: float
    """Input tokens a second, at all sites together."""
    block_tokens: int


@dataclass(frozen=True)
class Spread:
    """What is found where the trace is split over several sites."""

    sites: int
    routing: Routing
    ideal: float
    """Share of input tokens that endless caches find."""
    hits: tuple[float, ...]
    """The same at each corner's size, in seconds of the site's own input."""


@dataclass(frozen=True)
class Lookups:
    """Every reference with the size of cache that finds it, in order of prompts."""

    held_s: Floats
    """Least cache that finds it, seconds of its site's input; infinite at a first use."""
    tokens: Floats
    """Input tokens in the block."""
    shared: NDArray[np.bool_]
    """Whether the block is of the shared prompts."""
    input_tokens: float
    """Input tokens of all prompts counted."""


def reuse(
    prompts: Prompts,
    block_tokens: int,
    shared_from: float,
    warm_up: float = 0.0,
    sites: int = 1,
    routing: Routing = "prefix",
    tolerance: float = 0.005,
) -> Reuse:
    """The curve of a trace at each of `sites` equal sites.

    Blocks in at least `shared_from` of all requests are shared prompts. Hits count from `warm_up` of the trace's span
    on. The corners kept lie nowhere more than `tolerance` (of all input tokens) below the envelope.
    """
    found = lookups(prompts, block_tokens, shared_from, warm_up, sites, routing)
    span_s = float(prompts.time_us[-1] - prompts.time_us[0]) / _US
    again = np.isfinite(found.held_s)
    own = again & ~found.shared
    points = _points(found.held_s[own], found.tokens[own] / found.input_tokens)
    pinned = prompts.blocks[_shared(prompts, shared_from)]
    in_shared = float(found.tokens[again & found.shared].sum() / found.input_tokens)
    hot = _hot(found) if prompts.sampled < 1 else 0.0
    if len(pinned):
        in_shared = max(in_shared + hot, 0.0)
    elif hot > 0 and points:
        points = [(x, y + hot) for x, y in points]
    return Reuse(
        fewest(envelope(points), tolerance),
        min(float(found.tokens[again].sum() / found.input_tokens) + hot, 1.0),
        float(len(np.unique(pinned)) * block_tokens),
        in_shared,
        float(prompts.input_tokens.sum()) / span_s,
        block_tokens,
    )


def _hot(found: Lookups) -> float:
    """Share of the input that a sample of blocks has too little, or (negative) too much, of.

    Which of the few blocks that very many prompts have are in the sample is chance; they are found nearly always, so
    what the sample's blocks miss of the whole input is taken as found (SHARDS calls it the adjustment).
    """
    return float(1.0 - found.tokens.sum() / found.input_tokens)


def spreads(prompts: Prompts, block_tokens: int, shared_from: float, at: Reuse, warm_up: float) -> Iterator[Spread]:
    """What 1, 2, 4, 8 and 16 sites find, measured by splitting the trace (or a sample of its blocks) in both ways."""
    prompts = prompts.fewer(_MOST_SPREAD)
    for sites in (1, 2, 4, 8, 16):
        for routing in ("prefix", "random") if sites > 1 else ("prefix",):
            found = lookups(prompts, block_tokens, shared_from, warm_up, sites, routing)
            sizes = [held_s for held_s, _ in at.corners]
            hot = _hot(found) if prompts.sampled < 1 else 0.0
            shares = [float(found.tokens[found.held_s <= s].sum() / found.input_tokens) + hot for s in (*sizes, 1e300)]
            yield Spread(sites, routing, shares[-1], tuple(shares[:-1]))


def lookups(
    prompts: Prompts, block_tokens: int, shared_from: float, warm_up: float, sites: int, routing: Routing
) -> Lookups:
    """Every block of every prompt with the least size of cache in which its site finds it."""
    shared = _shared(prompts, shared_from)
    site = _site_of(prompts, shared, sites, routing)
    order = np.argsort(site, kind="stable")
    lengths = prompts.lengths[order]
    at = _concatenated(prompts.starts[:-1][order], lengths)
    row = np.repeat(np.arange(len(order)), lengths)
    own = ~shared[at]
    needed = np.where(shared[at], _seen_before(prompts, at, site[order][row]), 0.0)
    needed[own] = _least_blocks(prompts, at[own], row[own], site[order][row[own]])
    rate = _tokens_per_s(prompts, site, sites)[site[order][row]]
    tokens = prompts.input_tokens[order][row] - prompts.depths[at] * block_tokens
    counted = prompts.time_us[order] >= prompts.time_us[0] + warm_up * (prompts.time_us[-1] - prompts.time_us[0])
    keep = counted[row]
    weight = np.clip(tokens, 0, block_tokens) / prompts.sampled
    return Lookups(
        (needed * block_tokens / rate)[keep],
        weight[keep],
        shared[at][keep],
        float(prompts.input_tokens[order][counted].sum()),
    )


def _least_blocks(prompts: Prompts, at: Ints, row: Ints, site: Ints) -> Floats:
    """Blocks of the least cache that finds each reference and all before it in its prompt.

    References are touched from the last of each prompt to the first, and looked up before any of theirs is.
    """
    counts = np.bincount(row, minlength=int(row[-1]) + 1 if len(row) else 0)
    ends = np.cumsum(counts)
    back = (ends - counts)[row] + ends[row] - 1 - np.arange(len(row))
    keys = prompts.blocks[at] * (int(site.max(initial=0)) + 1) + site
    distances = np.empty(len(row), dtype=np.int64)
    distances[back] = stack_distances(keys[back], (ends - counts)[row])
    never = len(row) + 1
    distances[distances < 0] = never
    deepest = np.maximum.accumulate(distances + row * (never + 1)) - row * (never + 1)
    return np.where(deepest == never, np.inf, deepest / prompts.sampled + 1.0)


def _seen_before(prompts: Prompts, at: Ints, site: Ints) -> Floats:
    """Infinity for the first use of a block at a site, 0 for every other."""
    first = np.unique(prompts.blocks[at] * (int(site.max(initial=0)) + 1) + site, return_index=True)[1]
    found = np.zeros(len(at))
    found[first] = np.inf
    return found


def _shared(prompts: Prompts, shared_from: float) -> NDArray[np.bool_]:
    """References to blocks that so many of the requests have."""
    uses = np.bincount(prompts.blocks)
    return (uses >= max(shared_from * len(prompts.time_us), 2))[prompts.blocks]


def _site_of(prompts: Prompts, shared: NDArray[np.bool_], sites: int, routing: Routing) -> Ints:
    """Site of each prompt, by a hash of its first block that is not shared, or of its place in the trace."""
    rows = np.arange(len(prompts.time_us), dtype=np.int64)
    by = -1 - rows
    if routing == "prefix":
        own = np.flatnonzero(~shared)
        first = np.searchsorted(own, prompts.starts[:-1])
        there = np.append(own, len(shared))[first]
        has = there < prompts.starts[1:]
        by[has] = prompts.blocks[there[has]]
    return (mixed(by) % np.uint64(sites)).astype(np.int64)


def _tokens_per_s(prompts: Prompts, site: Ints, sites: int) -> Floats:
    span_s = float(prompts.time_us[-1] - prompts.time_us[0]) / _US
    return np.maximum(np.bincount(site, prompts.input_tokens, minlength=sites), 1.0) / span_s


def _concatenated(starts: Ints, lengths: Ints) -> Ints:
    """Positions start, start + 1, ... of each range, one range after the other."""
    offsets = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return offsets + np.arange(int(lengths.sum()))


def _points(held_s: Floats, weight: Floats) -> list[Corner]:
    """The curve at every size, or at so many of them that the ratio of neighbours is a few per mille."""
    order = np.argsort(held_s, kind="stable")
    sizes, hits = held_s[order], np.cumsum(weight[order])
    last = np.append(sizes[1:] > sizes[:-1], True) if len(sizes) else np.zeros(0, dtype=bool)
    sizes, hits = sizes[last], hits[last]
    if len(sizes) > _SIZES:
        wanted = np.geomspace(sizes[0], sizes[-1], _SIZES)
        at = np.unique(np.append(np.searchsorted(sizes, wanted, side="right") - 1, len(sizes) - 1))
        sizes, hits = sizes[at], hits[at]
    return list(zip(sizes.tolist(), hits.tolist(), strict=True))
