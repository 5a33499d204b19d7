"""CBC as a second opinion: its own binary on an MPS file, its own words read back."""

import importlib
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from fleetopt.errors import UsageError
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.money import money_factor, multiplied
from fleetopt.solve.solver import (
    Limits,
    Outcome,
    highs_lp,
    in_m_usd,
    new_highs,
    relative_gap,
    scaled_limits,
)

_WORDS = (
    ("optimal", "gap reached"),
    ("stopped on time", "time limit"),
    ("stopped on iterations", "iteration limit"),
    ("stopped on nodes", "node limit"),
    ("stopped on difficulties", "solver failure"),
)


def cbc_path() -> str:
    """The CBC binary: PuLP 3's own, the `cbcbox` wheel of PuLP 4, or `cbc` on the PATH."""
    for module, attribute in (("pulp.apis.coin_api", "pulp_cbc_path"), ("cbcbox", "cbc_bin_path")):
        try:
            found = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            continue
        path = found() if callable(found) else found
        if Path(path).exists():
            return str(path)
    path = shutil.which("cbc")
    if path is None:
        raise UsageError("--solver cbc: no CBC binary here; try 'pip install pulp[cbc]', or --solver highs")
    return path


def solve_cbc(matrix: Matrix, limits: Limits, *, log_file: str = "") -> Outcome:
    """Solve with CBC; values are read only where its solution file says there are some.

    CBC 2.10.3's integer preprocessing returns wrong optima (tests/solve/test_cbc.py), so it is off. Without it CBC may
    die on an infeasible model; then it is asked once more with preprocessing, and believed only if it says infeasible.
    """
    factor = money_factor(matrix)
    if factor != 1.0:
        found = solve_cbc(multiplied(matrix, factor), scaled_limits(limits, factor), log_file=log_file)
        return in_m_usd(found, limits, factor)
    binary, began = cbc_path(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        model, solution = Path(folder) / "model.mps", Path(folder) / "solution.txt"
        _write_mps(matrix, model)
        command = [binary, str(model), "-sec", f"{max(limits.time_limit_s, 0.01):.3f}", "-timeMode", "elapsed"]
        command += ["-ratioGap", repr(limits.gap), "-allowableGap", "1e-9"]
        command += ["-randomCbcSeed", str(limits.seed)] if limits.seed else []
        command += ["-primalTolerance", "1e-8", "-integerTolerance", "1e-7"]
        end = ["-solve", "-printingOptions", "all", "-solution", str(solution)]
        text, said = _run([*command, "-preprocess", "off", *end], solution)
        doubt = not text.strip()
        if doubt:
            text, more = _run([*command, *end], solution)
            said += more
    if log_file:
        with Path(log_file).open("a", encoding="utf-8") as log:
            log.write(said)
    outcome = _read(matrix, limits, text, said, time.perf_counter() - began)
    if doubt and outcome.status not in ("infeasible", "unbounded"):
        return Outcome("stopped", None, None, None, "solver failure (CBC ended without a word)", outcome.seconds)
    return outcome


def _run(command: list[str], solution: Path) -> tuple[str, str]:
    """What CBC wrote and what it said."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return solution.read_text(encoding="utf-8") if solution.exists() else "", run.stdout + run.stderr


def _write_mps(matrix: Matrix, path: Path) -> None:
    """The problem with columns c0, c1, ... and without its constant, which we add back ourselves."""
    lp = highs_lp(matrix)
    lp.offset_ = 0.0
    lp.col_names_ = [f"c{number}" for number in range(len(matrix.columns))]
    lp.row_names_ = [f"r{number}" for number in range(len(matrix.row_names))]
    writer = new_highs()
    writer.passModel(lp)
    writer.writeModel(str(path))


def _read(matrix: Matrix, limits: Limits, solution: str, log: str, seconds: float) -> Outcome:
    head, _, body = solution.partition("\n")
    said = head.lower()
    if "infeasible" in said:
        return Outcome("infeasible", None, None, None, "infeasible", seconds)
    if "unbounded" in said:
        return Outcome("unbounded", None, None, None, "unbounded", seconds)
    reason = next((why for words, why in _WORDS if said.startswith(words)), f"solver failure ({head[:60]})")
    bound = _bound(matrix, log)
    if not said or "no integer solution" in said or "no feasible solution" in log.lower():
        return Outcome("stopped", None, bound, None, reason, seconds)
    values = np.zeros(len(matrix.columns))
    for line in body.splitlines():
        parts = line.replace("**", " ").split()
        if len(parts) >= 3 and parts[1].startswith("c"):
            values[int(parts[1][1:])] = float(parts[2])
    objective = matrix.objective(values)
    if reason == "gap reached":
        # CBC prints six digits of its bound, or none; that it stopped by the gap says more.
        sure = objective - (limits.gap * abs(objective) if matrix.integer.any() else 0.0)
        bound = sure if bound is None else min(max(bound, sure), objective)
    proven = bound is not None and relative_gap(objective, bound) <= limits.gap + 1e-9
    return Outcome("optimal" if proven else "feasible", objective, bound, _plain(values), reason, seconds)


def _bound(matrix: Matrix, log: str) -> float | None:
    found = re.findall(r"^Lower bound:\s+(\S+)", log, re.MULTILINE)
    try:
        return float(found[-1]) + matrix.offset if found else None
    except ValueError:
        return None


def _plain(values: Floats) -> Floats:
    return values + 0.0
