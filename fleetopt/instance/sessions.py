"""Agent sessions as a planner states them; worked into sizes, gaps, tools and stores when a file is read."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Section
from fleetopt.units import MemoryGb, Seconds, Share, Tokens


class Spread(Section):
    """Times that vary as a log-normal through two percentiles."""

    p50_s: Seconds
    """Half of them are shorter."""
    p90_s: Seconds
    """Nine in ten are shorter."""


class Pause(Spread):
    """One kind of pause before a turn, while nothing of the session runs on an accelerator."""

    id: Id
    """Lower-case id."""
    share: Share
    """Share of a session's later turns that come after it; shares add up to 1."""
    ages_s: tuple[Seconds, ...] = ()
    """Ages at which KV still idle may be moved to another tier or dropped: nobody knows beforehand how long it lies."""


class Tools(Section):
    """Tools that turns call."""

    share: Share = 1.0
    """Share of turns that call any."""
    time: Spread
    """How long a call runs."""
    cores: float = Field(default=1.0, ge=0)
    """CPU cores busy while it runs (C3)."""
    sandbox_gb: MemoryGb = 0.0
    """Host memory of a session's sandbox (C3)."""
    sandbox_held: Literal["session", "call"] = "session"
    """Whether a sandbox is there through every pause, or only while a tool runs."""


class State(Section):
    """Data that a task writes and that is kept: logs, embeddings, artefacts (M2)."""

    id: Id
    """Lower-case id."""
    tiers: tuple[Id, ...] = Field(min_length=1)
    """Memory tiers that may hold it."""
    gb_per_task: MemoryGb
    """Written by each task."""
    retention_h: float = Field(gt=0)
    """Hours it is kept."""
    reads_per_write: float = Field(default=0.0, ge=0)
    """How often it is read while it is kept (M3)."""


class Session(Entity):
    """A task of an agent, from its first turn to its last; `use: ID` takes one from the catalogue."""

    id: Id = "own"
    """Lower-case id."""
    turns_per_task: float = Field(ge=1, le=100_000)
    """Mean turns of a task."""
    first_tokens: Tokens
    """Input of the first turn: system prompt, tools and task; nothing of it is cached."""
    appended_tokens: Tokens
    """Mean input that each later turn adds: what tools and people say."""
    output_tokens: Tokens
    """Mean tokens generated a turn; they are part of the next turn's context."""
    most_tokens: Tokens | None = None
    """Longest input and output together; a turn that would exceed it starts again from a summary."""
    summary_tokens: Tokens = 0.0
    """Tokens of that summary, which is prefilled."""
    sizes: int = Field(default=3, ge=1, le=20)
    """Request sizes that the later turns are grouped into, as many turns in each."""
    pauses: tuple[Pause, ...] = Field(min_length=1)
    """Kinds of pauses between turns."""
    tools: Tools | None = None
    """Tools, where turns call any."""
    states: tuple[State, ...] = ()
    """Data kept beyond the task."""
    tiers: tuple[Id, ...] = ()
    """Memory tiers that may hold KV in a pause."""
    may_park: bool = True
    """Whether tiers may hold KV in a pause at all (scenarios)."""
    may_stay: bool = False
    """Whether it may stay in fast memory."""
    may_recompute: bool = True
    """Whether it may be dropped and prefilled again."""
    rewritten: Literal["all", "new"] = "all"
    """Whether a first tier is written the whole KV at each pause, or what the turn added: the rest is there still."""
    demand_counts: Literal["turns", "tasks"] = "turns"
    """Whether the workload's demand counts turns or whole tasks."""
