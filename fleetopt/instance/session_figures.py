"""What follows from a session: contexts turn by turn, pauses by age, tools and state. Named formulas, no choices.

*Contexts.* Turn 1 brings `first_tokens`. Turn n finds the input and the output of turn n - 1 and appends to them; where
that would exceed `most_tokens`, it starts again from a summary.

*Pauses.* With F the share of a pause's lengths up to an age, KV that is held from age a to b between turns is held for

    time held in the band, over all who pause = integral of 1 - F from a to b
    restores from it                          = F(b) - F(a)

so each restore from a band carries the KV of those whose pause runs on: integral / (F(b) - F(a)) seconds, and
(1 - F(a)) / (F(b) - F(a)) writes where the band has a tier of its own. Nobody needs to know beforehand how long a pause
will be: a band is parked in the tier that pays at its age, or dropped, and older bands with it. For that the seconds
held for each restore must rise with age; where they do not, two bands are one (the concave envelope of reuse against
memory, as M4's).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import erf, exp, log, sqrt

from fleetopt.instance.sessions import Pause, Session, Spread

#: The standard normal's 90th percentile.
Z90 = 1.2815515655446004
#: A band that fewer pauses end in is made one with its neighbour.
LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a session."""

    input_tokens: float
    cached_tokens: float


@dataclass(frozen=True, slots=True)
class Band:
    """Ages of KV in one kind of pause that are decided on together."""

    id: str
    share: float
    """Share of a session's later turns that come back at these ages."""
    held_s: float
    """Seconds that KV is held in the band for each restore from it."""
    writes_per_restore: float
    """KV that enters the band for each restore from it."""


def turns(session: Session) -> tuple[Turn, ...]:
    """Every turn of a task of the mean length, rounded up."""
    found = [Turn(session.first_tokens, 0.0)]
    for _ in range(1, -int(-session.turns_per_task // 1)):
        known = found[-1].input_tokens + session.output_tokens
        turn = Turn(known + session.appended_tokens, known)
        most = session.most_tokens
        if most is not None and turn.input_tokens + session.output_tokens > most:
            turn = Turn(session.summary_tokens + session.appended_tokens, 0.0)
        found.append(turn)
    return tuple(found)


def mean_s(spread: Spread) -> float:
    """Mean of the log-normal: p50 exp(sigma^2 / 2)."""
    return spread.p50_s * exp(_sigma(spread) ** 2 / 2)


def share_below(spread: Spread, age_s: float) -> float:
    """F: share of the lengths up to an age."""
    if age_s <= 0:
        return 0.0
    if age_s == float("inf"):
        return 1.0
    return _normal(log(age_s / spread.p50_s) / _sigma(spread))


def mean_below_s(spread: Spread, age_s: float) -> float:
    """Integral of 1 - F up to an age: the mean of the lengths, each counted up to the age at most."""
    if age_s == float("inf"):
        return mean_s(spread)
    if age_s <= 0:
        return 0.0
    sigma = _sigma(spread)
    short = mean_s(spread) * _normal(log(age_s / spread.p50_s) / sigma - sigma)
    return short + age_s * (1.0 - share_below(spread, age_s))


def bands(pause: Pause) -> tuple[Band, ...]:
    """The bands of a pause between its ages, neighbours made one until the seconds held for each restore rise."""
    edges = [0.0, *pause.ages_s, float("inf")]
    spans = list(pairwise(edges))
    n = 0
    while n + 1 < len(spans):
        if _held_s(pause, *spans[n]) < _held_s(pause, *spans[n + 1]) < float("inf"):
            n += 1
            continue
        spans[n : n + 2] = [(spans[n][0], spans[n + 1][1])]
        n = max(n - 1, 0)
    return tuple(_named(pause, spans))


def _named(pause: Pause, spans: list[tuple[float, float]]) -> Iterator[Band]:
    for number, (a, b) in enumerate(spans, start=1):
        back = share_below(pause, b) - share_below(pause, a)
        name = pause.id if len(spans) == 1 else f"{pause.id}-{number}"
        yield Band(name, pause.share * back, _held_s(pause, a, b), (1.0 - share_below(pause, a)) / back)


def _held_s(pause: Pause, a: float, b: float) -> float:
    """Seconds held from age a to b for each pause that ends between them."""
    back = share_below(pause, b) - share_below(pause, a)
    return (mean_below_s(pause, b) - mean_below_s(pause, a)) / back if back > LEAST_SHARE else float("inf")


def _sigma(spread: Spread) -> float:
    return log(spread.p90_s / spread.p50_s) / Z90


def _normal(x: float) -> float:
    return (1.0 + erf(x / sqrt(2.0))) / 2.0
