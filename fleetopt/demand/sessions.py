"""Reuse curves without block hashes: from published statistics of sessions, by name.

Known are the share of input tokens that an endless cache finds, and how long a token lies idle before it is used again:
a mixture of log-normals through published 50th and 90th percentiles, F. A cache that keeps what was used in the last
tau seconds finds ideal x F(tau). Every token that comes in stays until its next use or for tau, and a share `ideal` of
them has a next use (as many are found as come back), so by Little's law such a cache holds, in seconds of input,

    held(tau) = integral from 0 to tau of (1 - ideal x F(t)) dt

which is Che's approximation of LRU with tau as the characteristic time (Che, Tung and Wang, IEEE JSAC 20, 2002).
"""

from dataclasses import dataclass
from math import erf, log, sqrt

import numpy as np

from fleetopt.demand.hull import Corner, envelope, fewest

GRADE = 1.2815515655446004
"""90th percentile of the standard normal."""
KEPT_S = (1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400)
"""Times kept at which a curve is worked out, s."""
_STEPS = 400


@dataclass(frozen=True)
class Gap:
    """One kind of pause before a token is used again."""

    share: float
    """Of all pauses."""
    p50_s: float
    p90_s: float


@dataclass(frozen=True)
class Sessions:
    """Published statistics of one kind of sessions."""

    id: str
    name: str
    ideal: float
    """Share of input tokens that an endless cache finds."""
    gaps: tuple[Gap, ...]
    source: str
    confidence: str
    note: str = ""


PUBLISHED: tuple[Sessions, ...] = (
    Sessions(
        "coding-agents",
        "Claude Code and Codex, 52 developers (TraceLab)",
        0.986,
        (Gap(0.863, 1.0, 23.5), Gap(0.137, 121.5, 1058.0)),
        "TraceLab, arXiv:2606.30560 (June 2026): hits with eviction after 1 h; gaps after a tool and before a human",
        "paper, and computed by others from its release",
        "few developers, two agents; with eviction after 1 and 5 minutes 85.4 and 94.0 % were measured",
    ),
    Sessions(
        "agent-corpus",
        "AgentX corpus of agent sessions (SemiAnalysis)",
        0.958,
        (Gap(1.0, 2.1, 51.1),),
        "InferenceX AgentX corpus: LRU hits with 50,000 blocks of 64 tokens; gaps between requests",
        "secondary, not peer reviewed",
        "a log-normal through both percentiles ends too soon: the 99th is 3,426 s",
    ),
    Sessions(
        "consumer-chat",
        "Bailian trace A, consumer chat (Alibaba)",
        0.579,
        (Gap(1.0, 110.6, 718.5),),
        "Bailian (Qwen) trace A, to-C: hits with an endless cache, gaps before reuse",
        "computed by others from the vendor's trace",
        "the paper says 62 %",
    ),
)
"""What `--reuse-as` offers."""


def found_within(sessions: Sessions, kept_s: float) -> float:
    """Share of input tokens that a cache finds which keeps what was used in the last `kept_s` seconds."""
    return sessions.ideal * sum(gap.share * _below(gap, kept_s) for gap in sessions.gaps)


def held_s(sessions: Sessions, kept_s: float) -> float:
    """Seconds of input that such a cache holds."""
    times = np.concatenate([[0.0], np.geomspace(min(0.01, kept_s), kept_s, _STEPS)])
    missing = np.array([1.0 - (found_within(sessions, t) if t > 0 else 0.0) for t in times])
    return float(np.sum(np.diff(times) * (missing[1:] + missing[:-1]) / 2))


def curve(sessions: Sessions, tolerance: float = 0.02) -> tuple[Corner, ...]:
    """(held_s, hit_share) corners of the parametric curve, the fewest within `tolerance` of its envelope."""
    points = [(held_s(sessions, kept), found_within(sessions, kept)) for kept in KEPT_S]
    return fewest(envelope(points), tolerance)


def _below(gap: Gap, seconds: float) -> float:
    """Share of gaps shorter than that: a log-normal through both percentiles."""
    grade = log(seconds / gap.p50_s) / (log(gap.p90_s / gap.p50_s) / GRADE)
    return 0.5 * (1.0 + erf(grade / sqrt(2.0)))
