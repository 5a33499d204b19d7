"""`verify_plan` and `verify_folder`: everything a plan says, worked out again from the instance alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.errors import UsageError
from fleetopt.instance.load import load_resolved
from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan, Verification
from fleetopt.verify.compute import check_compute
from fleetopt.verify.demand import check_demand
from fleetopt.verify.discounts import check_discounts
from fleetopt.verify.finance import check_budget, check_limits
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.memory import check_memory
from fleetopt.verify.money import check_carbon, check_money
from fleetopt.verify.orders import check_orders
from fleetopt.verify.origins import check_origins
from fleetopt.verify.power import check_power
from fleetopt.verify.predictions import check_predictions
from fleetopt.verify.prefix import check_prefix
from fleetopt.verify.reading import read_plan
from fleetopt.verify.references import check_references
from fleetopt.verify.sites import check_sites
from fleetopt.verify.split import check_split
from fleetopt.verify.spread import check_spread
from fleetopt.verify.supply import check_supply
from fleetopt.verify.traffic import check_traffic
from fleetopt.verify.training import check_training
from fleetopt.verify.witness import Witness

NO_PLAN = ("infeasible", "no_plan")


def verify_plan(
    instance: Instance, plan: Mapping[str, Any], *, found: CandidateSet | None = None, sealed: bool = False
) -> Verification:
    """Check a parsed plan.json against its instance: every prediction, row, screen, price and cost line.

    `found` saves the enumeration where the caller has just made it from the same instance. `sealed` asks for the
    plan's own `verification`, as a written plan has; where one is there, it must say what is found here.
    """
    witness = Witness()
    read = read_plan(plan, witness)
    if read is not None and read.status in NO_PLAN:
        witness.fail("status", (), f"expected a plan, found {read.status!r} with figures")
    if read is not None and not witness.failures and check_references(instance, read, witness):
        _check_all(instance, read, found or candidates(instance), witness)
    result = Verification(not witness.failures, witness.checks, tuple(witness.failures))
    return _sealed(result, read, required=sealed)


def _check_all(instance: Instance, plan: Plan, found: CandidateSet, witness: Witness) -> None:
    """Every family in turn."""
    ledger, teams = Ledger(instance, plan), {team.id: team for team in found.training}
    check_origins(instance, plan, found.rejections, witness)
    check_predictions(ledger, {column.id: column for column in found.serving}, witness)
    check_demand(ledger, witness)
    check_split(ledger, witness)
    check_spread(ledger, witness)
    check_compute(ledger, witness)
    check_training(ledger, teams, witness)
    check_memory(ledger, teams, witness)
    check_prefix(ledger, witness)
    check_traffic(ledger, witness)
    check_power(ledger, witness)
    check_sites(ledger, witness)
    check_supply(ledger, witness)
    check_orders(ledger, witness)
    check_discounts(ledger, witness)
    check_budget(ledger, witness)
    check_limits(ledger, witness)
    check_carbon(ledger, witness)
    check_money(ledger, witness)


def _sealed(result: Verification, plan: Plan | None, *, required: bool) -> Verification:
    """The result, and whether the plan's own `verification` says the same."""
    if plan is None or (plan.verification is None and not required):
        return result
    own = plan.verification
    if own == result:
        return result
    said = "nothing" if own is None else f"passed {own.passed}, {own.checks} checks, {len(own.failures)} failures"
    text = f"verification (): expected passed {result.passed}, {result.checks} checks, found {said}"
    return Verification(False, result.checks, (*result.failures, text))


def verify_folder(path: str | Path) -> Verification:
    """Check the plan in a run folder from its `resolved.yaml` and `plan.json` alone.

    Raises UsageError where the folder has no plan to check, InputError where resolved.yaml is no instance.
    """
    instance, plan = read_run(path)
    return verify_plan(instance, plan, sealed=True)


def read_run(path: str | Path) -> tuple[Instance, dict[str, Any]]:
    """The instance and the parsed plan.json of a run folder, the plan not checked yet.

    Raises UsageError where the folder has no plan, InputError where resolved.yaml is no instance.
    """
    folder = Path(path)
    plan = _plan_in(folder)
    if set(plan) == {"status"} and plan["status"] in NO_PLAN:
        raise UsageError(f"{folder}: the run ended {plan['status']}, so there is no plan; see diagnosis.md")
    return load_resolved(folder / "resolved.yaml"), plan


def _plan_in(folder: Path) -> dict[str, Any]:
    """plan.json as plain data, each key once; what is no JSON mapping comes back as a mapping that says so."""
    for name in ("resolved.yaml", "plan.json"):
        if not (folder / name).is_file():
            raise UsageError(f"{folder}: no {name}; try the folder that `fleetopt solve` wrote")
    try:
        text = (folder / "plan.json").read_text(encoding="utf-8")
        data = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        return {f"plan.json cannot be read: {problem}": None}
    return data if isinstance(data, dict) else {f"plan.json is not a mapping but {type(data).__name__}": None}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key in found if [k for k, _ in pairs].count(key) > 1)
        raise ValueError(f"key {twice!r} stands twice")
    return found
