"""Sessions worked into the fields that are solved, checked and written: what comes out is a plain instance."""

from collections.abc import Iterator
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.instance.session_figures import Band, Turn, bands, mean_s, turns
from fleetopt.instance.sessions import Session
from fleetopt.instance.workloads import Agent, Bucket, Gap, IdleKv, Store, Workload


def with_sessions(instance: Instance) -> tuple[Instance, tuple[str, ...]]:
    """The instance with every session worked into its workload, and a line for each on what it came to."""
    if all(w.session is None for w in instance.workloads):
        return instance, ()
    workloads = tuple(w if w.session is None else _worked_in(w, w.session) for w in instance.workloads)
    said = tuple(_said(w) for w, was in zip(workloads, instance.workloads, strict=True) if was.session is not None)
    return instance.model_copy(update={"workloads": workloads}), said


def _worked_in(workload: Workload, session: Session) -> Workload:
    found, later = turns(session), tuple(band for pause in session.pauses for band in bands(pause))
    tool_s = session.tools.share * mean_s(session.tools.time) if session.tools else 0.0
    pause_s = sum(pause.share * mean_s(pause) for pause in session.pauses)
    changes: dict[str, Any] = {
        "session": None,
        "buckets": tuple(_buckets(session, found, later)),
        "idle_kv": _idle(session, found, later, pause_s),
        "agent": _agent(session, tool_s, pause_s),
        "stores": (*workload.stores, *_stores(session, len(found))),
    }
    if session.demand_counts == "tasks":
        scale = workload.demand.scale * len(found)
        changes["demand"] = workload.demand.model_copy(update={"scale": scale})
    changed: Workload = workload.model_copy(update=changes)
    return changed


def _buckets(session: Session, found: tuple[Turn, ...], later: tuple[Band, ...]) -> Iterator[Bucket]:
    """Turns that find nothing, then groups of the others by size, each after every band of every pause."""
    fresh = [turn for turn in found if turn.cached_tokens <= 0]
    yield _bucket("start", fresh, len(fresh) / len(found), session.output_tokens, None)
    again = sorted((turn for turn in found if turn.cached_tokens > 0), key=lambda turn: turn.input_tokens)
    groups = min(session.sizes, len(again))
    for n in range(groups):
        group = again[n * len(again) // groups : (n + 1) * len(again) // groups]
        for band in later:
            share = len(group) / len(found) * band.share
            yield _bucket(f"size{n + 1}-{band.id}", group, share, session.output_tokens, band.id)


def _bucket(id_: str, group: list[Turn], share: float, output_tokens: float, gap: str | None) -> Bucket:
    return Bucket(
        id=id_,
        share=share,
        input_tokens=sum(turn.input_tokens for turn in group) / len(group),
        cached_tokens=sum(turn.cached_tokens for turn in group) / len(group),
        output_tokens=output_tokens,
        gap=gap,
    )


def _idle(session: Session, found: tuple[Turn, ...], later: tuple[Band, ...], pause_s: float) -> IdleKv | None:
    """Gaps by band; None for a task whose turns never find anything."""
    cached = sum(turn.cached_tokens for turn in found)
    if cached <= 0:
        return None
    again = [turn for turn in found if turn.cached_tokens > 0]
    new = sum(turn.input_tokens - turn.cached_tokens + session.output_tokens for turn in again) / cached
    first = {bands(pause)[0].id for pause in session.pauses}

    def writes(band: Band) -> float:
        return band.writes_per_restore * (min(new, 1.0) if session.rewritten == "new" and band.id in first else 1.0)

    return IdleKv(
        mean_gap_s=pause_s,
        gaps=tuple(Gap(id=band.id, held_s=band.held_s, writes_per_restore=writes(band)) for band in later),
        tiers=session.tiers,
        may_park=session.may_park,
        may_stay=session.may_stay,
        may_recompute=session.may_recompute,
    )


def _agent(session: Session, tool_s: float, pause_s: float) -> Agent:
    tools = session.tools
    held_s = 0.0 if tools is None else max(pause_s, tool_s) if tools.sandbox_held == "session" else tool_s
    return Agent(
        turns_per_task=session.turns_per_task,
        tool_s=tool_s,
        tool_core_s=tools.cores * tool_s if tools else 0.0,
        sandbox_gb=tools.sandbox_gb if tools else 0.0,
        sandbox_s=held_s,
    )


def _stores(session: Session, count: int) -> Iterator[Store]:
    for state in session.states:
        yield Store(
            id=state.id,
            tiers=state.tiers,
            gb_per_request=state.gb_per_task / count,
            retention_h=state.retention_h,
            reads_per_write=state.reads_per_write,
        )


def _said(workload: Workload) -> str:
    """`workloads.agents.session: 10 sizes, mean input 132,092 tokens, 97.9 % cached, ...`"""
    tokens = sum(b.share * b.input_tokens for b in workload.buckets)
    cached = sum(b.share * b.cached_tokens for b in workload.buckets) / tokens if tokens else 0.0
    gaps = workload.idle_kv.gaps if workload.idle_kv else ()
    held = ", ".join(f"{gap.id} {gap.held_s:,.4g} s" for gap in gaps)
    idle = f"; held for each restore: {held}" if held else ""
    return (
        f"workloads.{workload.id}.session: {len(workload.buckets)} sizes, mean input {tokens:,.0f} tokens, "
        f"{cached:.1%} found again{idle}"
    )
