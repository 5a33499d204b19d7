"""HiGHS, CBC and brute force on random small instances: do they agree?

`nox -s agreement` tries seeds 0 to 199. HiGHS answers through the whole pipeline (candidates, model,
search, reading, verification), CBC on the same matrix, and brute force (`byhand`) on a programme of its own. Every
disagreement is kept in `--keep FOLDER` as `seed-N.yaml`, with the three answers in `seed-N.answers.yaml`. The exit code
is 1 where HiGHS and brute force disagree, or a plan fails verification; CBC is a second opinion, its errors are counted
and kept.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml
from byhand import Answer, TooManyError, brute_force
from draw import drawn
from rules import Writer

from fleetopt import __version__
from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.errors import UsageError
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load_dict
from fleetopt.instance.schema import Instance
from fleetopt.model.build import build
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.solve.cbc import cbc_path, solve_cbc
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.solver import Limits

ROOT = Path(__file__).parents[2]
SEEDS = range(200)


def has_cbc() -> bool:
    """Whether this machine has a CBC to ask."""
    try:
        return bool(cbc_path())
    except UsageError:
        return False


GAP = 1e-9
CBC = has_cbc()
NEAR_USD, NEAR_SHARE = 3.0, 1e-6
"""Solvers hold rows and whole numbers to 1e-6 or so, of figures in M$, MW and requests/s."""


@dataclass(frozen=True)
class Case:
    """One seed's instance, and how many draws it took to find one with few enough combinations."""

    seed: int
    draws: int
    features: list[str]
    instance: Instance
    found: CandidateSet
    answer: Answer


def case(seed: int) -> Case:
    """The first draw of a seed that brute force can do, and its answer."""
    numbers = Random(seed)
    for draws in range(1, 1000):
        raw, features = drawn(seed if draws == 1 else numbers.randrange(10**9))
        instance = load_dict({**raw, "name": f"seed-{seed}"}).instance
        found = candidates(instance)
        try:
            return Case(seed, draws, features, instance, found, brute_force(Writer(instance, found).written()))
        except TooManyError:
            continue
    raise ValueError(f"seed {seed}: a thousand draws, all too large")


@dataclass(frozen=True)
class Said:
    """What the three said of a case, in USD; None for `infeasible`."""

    case: Case
    highs: float | None
    cbc: float | None
    verified: bool
    tight: frozenset[str]
    """Equations with a row that binds at the optimum of HiGHS."""

    @property
    def highs_agrees(self) -> bool:
        """Whether HiGHS and brute force say the same, of a plan that verifies."""
        return self.verified and near(self.highs, self.case.answer.cost_usd)

    @property
    def cbc_agrees(self) -> bool:
        """Whether CBC and brute force say the same, or there is no CBC to ask."""
        return not CBC or near(self.cbc, self.case.answer.cost_usd)

    @property
    def verdict(self) -> str:
        """Who is wrong, where anyone is: brute force has a plan of its cost, so what costs more is no optimum."""
        if not self.verified:
            return "the plan of HiGHS does not verify"
        if self.highs_agrees and self.cbc_agrees:
            return "all agree"
        if self.highs_agrees:
            return "CBC is wrong: HiGHS and brute force agree"
        alike = CBC and near(self.highs, self.cbc)
        return "CBC agrees with HiGHS, not with brute force" if alike else "HiGHS differs from brute force"


def near(one: float | None, other: float | None) -> bool:
    """Whether two costs are the same up to the solvers' tolerances."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= max(NEAR_USD, NEAR_SHARE * abs(other))


def ask(tried: Case) -> Said:
    """HiGHS through the pipeline and CBC on the matrix."""
    result = solve(tried.instance, SolveOptions(gap=GAP))
    has_plan = result.plan.status in ("optimal", "feasible")
    verification = result.plan.verification
    model = build(tried.instance, tried.found, offers(tried.instance).offers)
    matrix = matrix_of(model.problem, sum(model.constants.values()))
    # What the check before the search refuses (`outcome` None) never reaches a solver.
    second = solve_cbc(matrix, Limits(gap=GAP)) if result.outcome is not None and CBC else None
    tight: set[str] = set()
    if has_plan and result.outcome is not None and result.outcome.values is not None:
        left = matrix.rows @ result.outcome.values
        binds = (abs(left - matrix.row_lower) < 1e-7) | (abs(left - matrix.row_upper) < 1e-7)
        tight = {model.rows[name][0] for name, at_limit in zip(matrix.row_names, binds, strict=True) if at_limit}
    return Said(
        tried,
        result.plan.objective_usd if has_plan else None,
        None if second is None or second.objective is None else second.objective * 1e6,
        verification is None or verification.passed,
        frozenset(tight),
    )


def keep(said: Said, folder: Path) -> None:
    """The instance and the answers of a disagreement."""
    folder.mkdir(parents=True, exist_ok=True)
    name, answer = f"seed-{said.case.seed}", said.case.answer
    answers: dict[str, Any] = {
        "fleetopt": __version__,
        "seed": said.case.seed,
        "draws": said.case.draws,
        "features": said.case.features,
        "verdict": said.verdict,
        "brute_force_usd": answer.cost_usd,
        "highs_usd": said.highs,
        "cbc_usd": said.cbc,
        "highs_plan_verified": said.verified,
        "brute_force_whole": answer.whole,
    }
    (folder / f"{name}.yaml").write_text(dump_resolved(said.case.instance), encoding="utf-8")
    (folder / f"{name}.answers.yaml").write_text(yaml.safe_dump(answers, sort_keys=False), encoding="utf-8")


def report(everything: Iterable[Said], folder: Path) -> tuple[list[str], int]:
    """Lines that say what came of it, and the exit code."""
    all_ = list(everything)
    solved = [said for said in all_ if said.case.answer.cost_usd is not None]
    verdicts = Counter(said.verdict for said in all_)
    features = Counter(name for said in all_ for name in said.case.features)
    tight = Counter(id_ for said in all_ for id_ in said.tight)
    tried = sum(said.case.answer.combinations for said in all_)
    lines = [f"{len(all_)} instances, {len(solved)} with a plan, {len(all_) - len(solved)} infeasible"]
    lines += [f"  {number:>4} {verdict}" for verdict, number in verdicts.most_common()]
    lines += [] if CBC else ["CBC: none on this machine, not asked"]
    programmes = sum(said.case.answer.programmes for said in all_)
    lines.append(f"combinations of whole numbers: {tried:,}; linear programmes solved: {programmes:,}")
    lines.append(f"draws too large to try: {sum(said.case.draws - 1 for said in all_)}")
    lines.append("instances by feature: " + ", ".join(f"{name} {number}" for name, number in features.most_common()))
    lines.append("instances in which an equation binds: " + ", ".join(f"{id_} {n}" for id_, n in tight.most_common()))
    wrong = [said for said in all_ if said.verdict != "all agree"]
    for said in wrong:
        keep(said, folder)
        figures = f"brute force {said.case.answer.cost_usd}, HiGHS {said.highs}, CBC {said.cbc}"
        lines.append(f"seed {said.case.seed}: {said.verdict}: {figures}; kept in {folder}")
    return lines, int(any(not said.highs_agrees for said in all_))


def main() -> int:
    """The session."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many")
    parser.add_argument("--first", type=int, default=SEEDS.start, help="first seed")
    parser.add_argument("--keep", type=Path, default=ROOT / "runs" / "agreement", help="folder for disagreements")
    asked = parser.parse_args()
    everything = []
    for seed in range(asked.first, asked.first + asked.seeds):
        said = ask(case(seed))
        everything.append(said)
        if said.verdict != "all agree" or sys.stderr.isatty():
            sys.stderr.write(f"seed {seed}: {said.verdict}\n")
    lines, code = report(everything, asked.keep)
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
