"""Error bands in words: what they mean, where they come from, and which end of them a plan rests on."""

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.text import plain

ENDS = {
    "p10": "The plan rests on the optimistic end of the error bands (p10): times as short as one measurement in ten.",
    "p50": "The plan rests on the predictions as they are; `--set prediction.percentile=p90` takes their pessimistic "
    "end.",
    "p90": "The plan rests on the pessimistic end of the error bands (p90): times that nine measurements in ten kept.",
}


def percentile_lines(instance: Instance) -> list[str]:
    """Said at the head of a plan that does not rest on the predictions as they are."""
    percentile = instance.prediction.percentile
    return [] if percentile == "p50" else [f"**{ENDS[percentile]}**", ""]


def band_notes(plan: Plan, instance: Instance) -> list[str]:
    """What the error bands mean, where they come from, and which end of them the plan rests on."""
    used = {said for d in plan.deployments for said in d.bands.values()} | {r.band for r in plan.training_runs}
    if not used:
        return []
    return [
        "Error bands (p10–p90) say how far public measurements of the nearest kind lie from their predictions: one in "
        "ten was faster than p10, one in ten slower than p90. They multiply a replica's own times and its rate; "
        "waiting, round trips and moving KV are as planned at both ends, and so is how busy replicas are.",
        ENDS[instance.prediction.percentile],
        f"Kinds of measurement behind the bands: {'; '.join(plain(said) for said in sorted(used))}.",
    ]


def speculation_notes(plan: Plan, instance: Instance) -> list[str]:
    """Workloads of the plan that decode speculatively, and on what assumption."""
    served = {d.workload for d in plan.deployments if d.stage != "prefill" and d.source == "predicted"}
    said = []
    for workload in instance.workloads:
        drafts = instance.prediction.speculation(workload.id, workload.model)
        if workload.id not in served or drafts is None:
            continue
        layers = f"{drafts.draft_layers} layer{'' if drafts.draft_layers == 1 else 's'} of its model"
        drafter = drafts.draft_model or (layers if drafts.draft_layers else "a look-up")
        said.append(
            f"{plain(workload.id)} gains {drafts.tokens_per_pass:g} tokens a pass, {drafts.draft_tokens} drafted by "
            f"{plain(drafter)}"
        )
    if not said:
        return []
    return [f"Speculative decoding is assumed: {'; '.join(said)}. Acceptance lengths are the instance's, not fitted."]
