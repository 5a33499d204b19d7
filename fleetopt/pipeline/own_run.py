"""A planner's own plan from its files to a run folder with the comparison."""

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import Loaded, load
from fleetopt.instance.overrides import Override
from fleetopt.pipeline import folder as runfolder
from fleetopt.pipeline.journal import journal
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.own import Evaluation, evaluate
from fleetopt.pipeline.run import RunResult, manifest, no_plan_lines, plan_files
from fleetopt.pipeline.story import Say
from fleetopt.report.evaluation import evaluation_data, evaluation_markdown, summary


def evaluate_file(
    path: str | Path,
    plans: Sequence[Path],
    out: str | Path | None = None,
    overrides: Iterable[str | Override] = (),
    options: SolveOptions | None = None,
    progress: Say | None = None,
    *,
    optimum: Path | None = None,
    shortfall_usd: float | None = None,
) -> RunResult:
    """Load, evaluate and write a run folder; bad input raises InputError before anything is written.

    `shortfall_usd` prices a request that is not served, for every workload that has no price of its own.
    """
    options, say, began = options or SolveOptions(), progress or (lambda _: None), time.time()
    loaded = _loaded(path, list(overrides), shortfall_usd)
    instance, resolved = loaded.instance, dump_resolved(loaded.instance)
    target = Path(out) if out is not None else default_folder(instance.name, resolved, plans)
    runfolder.check_target(target)
    with journal(loaded, say, began) as kept:
        found = evaluate(instance, plans, options, kept.tell, kept.solver_log, optimum)
        log = kept.text()
    files: dict[str, str | bytes] = {"resolved.yaml": resolved, **plan_files(found.result, instance)}
    files |= _comparison(found, loaded)
    said = manifest(found.result, options, resolved, loaded.changes, began)
    said |= {"exit_code": found.exit_code, "plan": [str(plan) for plan in plans], "held": sorted(found.own.kinds)}
    if len(plans) == 1 and (plans[0] / "plan.json").is_file():
        said["held_sha256"] = hashlib.sha256((plans[0] / "plan.json").read_bytes()).hexdigest()
    files |= {"manifest.json": runfolder.to_json(said), "solve.log": log}
    runfolder.write(target, files)
    return RunResult(found.exit_code, target, found.result.plan, _summary(found, target))


def default_folder(name: str, resolved: str, plans: Sequence[Path]) -> Path:
    """`runs/<instance>-own-<hash>`, the hash being of the instance and of where the plan comes from."""
    text = resolved + "\n".join(str(plan) for plan in plans)
    return Path("runs") / f"{name}-own-{runfolder.instance_hash(text)[:8]}"


def _loaded(path: str | Path, overrides: list[str | Override], shortfall_usd: float | None) -> Loaded:
    """The instance, with a price for shortfall where one is asked for and none is there."""
    loaded = load(path, overrides)
    if shortfall_usd is None:
        return loaded
    unpriced = [w.id for w in loaded.instance.workloads if w.kind != "training" and w.shortfall_usd_per_request is None]
    more = [f"workloads.{id_}.shortfall_usd_per_request={shortfall_usd!r}" for id_ in unpriced]
    return load(path, [*overrides, *more])


def _comparison(found: Evaluation, loaded: Loaded) -> dict[str, str]:
    """The two files on the comparison, where there is a plan to compare."""
    if found.result.plan.status not in ("optimal", "feasible"):
        return {}
    own = json.loads(runfolder.to_json(found.result.plan.as_dict()))
    title = loaded.instance.title or loaded.instance.name
    return {
        "evaluation.md": evaluation_markdown(title, own, found.optimum, found.own.kinds),
        "evaluation.json": runfolder.to_json(evaluation_data(own, found.optimum, found.own.kinds)),
    }


def _summary(found: Evaluation, target: Path) -> tuple[str, ...]:
    plan = found.result.plan
    if found.result.diagnosis is not None:
        return no_plan_lines(found.result, target)
    lines = summary(json.loads(runfolder.to_json(plan.as_dict())), found.optimum)
    if plan.verification is not None and not plan.verification.passed:
        lines.append(f"VERIFICATION FAILED: {len(plan.verification.failures)} of {plan.verification.checks} checks")
        lines += plan.verification.failures[:10]
    return (*lines, f"written to {target}; evaluation.md compares line by line")
