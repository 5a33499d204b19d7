"""Sessions: what they are worked into can be worked out, and is said in one way only."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.sessions import Session
from fleetopt.instance.suggest import did_you_mean

_SHARE_TOLERANCE = 1e-6


def check_sessions(instance: Instance) -> Iterator[Finding]:
    """Findings on sessions as written; they come before all checks of what follows from them."""
    tiers = [tier.id for tier in instance.memory]
    for w, workload in enumerate(instance.workloads):
        session, at = workload.session, ("workloads", w, "session")
        if session is None:
            continue
        if workload.kind != "agentic":
            message = f"only a workload of kind agentic has this section, and this one is {workload.kind}"
            yield Finding(at, message, "try removing it, or kind: agentic")
        for name in ("buckets", "idle_kv", "agent", "reuse_curve"):
            if getattr(workload, name):
                yield Finding(("workloads", w, name), "stands beside session, which says the same", "try only one")
        if not session.tiers and (session.may_park or session.may_stay):
            yield Finding((*at, "tiers"), "nothing says where KV may lie in a pause", "try tiers: [dram, nvme]")
        named: list[tuple[Path, str]] = [(("tiers", n), tier) for n, tier in enumerate(session.tiers)]
        named += [(("states", i, "tiers", n), x) for i, s in enumerate(session.states) for n, x in enumerate(s.tiers)]
        for path, tier in named:
            if tier not in tiers:
                hint = did_you_mean(tier, tiers, "try adding a memory tier of that id")
                yield Finding((*at, *path), f"there is no memory tier {tier!r}", hint)
        yield from _times(at, session)
        yield from _tokens(at, session)


def _times(at: Path, session: Session) -> Iterator[Finding]:
    """Shares of pauses add up to 1, percentiles and ages rise."""
    total = sum(pause.share for pause in session.pauses)
    if abs(total - 1) > _SHARE_TOLERANCE:
        yield Finding((*at, "pauses"), f"the shares add up to {total:g}, not to 1", "try correcting them")
    spreads = [((*at, "pauses", n), pause) for n, pause in enumerate(session.pauses)]
    ids = [pause.id for pause in session.pauses]
    for n, name in enumerate(ids):
        if name in ids[:n]:
            yield Finding((*at, "pauses", n, "id"), f"{name!r} is there twice", "try another id")
    for path, spread in [*spreads, *([((*at, "tools", "time"), session.tools.time)] if session.tools else [])]:
        if not 0 < spread.p50_s < spread.p90_s:
            message = f"a 90th percentile of {spread.p90_s:g} s does not lie above a median of {spread.p50_s:g} s"
            yield Finding((*path, "p90_s"), message, "try 0 < p50_s < p90_s")
    for path, pause in spreads:
        ages = [0.0, *pause.ages_s]
        for n, age in enumerate(pause.ages_s):
            if age <= ages[n]:
                message = f"{age:g} s is no more than the {ages[n]:g} s before it"
                yield Finding((*path, "ages_s", n), message, "try ages in rising order, from more than 0 s")


def _tokens(at: Path, session: Session) -> Iterator[Finding]:
    """A context can grow, and a summary leaves room to go on."""
    if session.first_tokens <= 0:
        yield Finding((*at, "first_tokens"), "a session starts with nothing", "try more than 0")
    most = session.most_tokens
    if most is None:
        return
    first = max(session.first_tokens, session.summary_tokens + session.appended_tokens) + session.output_tokens
    if first > most:
        message = f"{most:g} tokens do not hold even a first turn of {first:g}"
        yield Finding((*at, "most_tokens"), message, "try more, or a smaller summary_tokens")
