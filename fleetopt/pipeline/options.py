"""How a plan is searched for."""

from dataclasses import dataclass
from typing import Literal

from fleetopt.errors import UsageError


@dataclass(frozen=True)
class SolveOptions:
    """How hard to search, and with what."""

    gap: float = 1e-3
    """Relative gap to prove."""
    time_limit_s: float = 600.0
    """Most seconds the search may take."""
    solver: Literal["highs", "cbc"] = "highs"
    method: Literal["auto", "monolithic", "pricing"] = "auto"
    """`auto` fixes the structure first (A then B), and prices where there are very many columns; `monolithic` solves
    everything at once; `pricing` never writes all columns out."""
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.gap < 1:
            raise UsageError(f"--gap {self.gap}: not a share from 0 to below 1; try 0.001")
        if not self.time_limit_s > 0:
            raise UsageError(f"--time-limit {self.time_limit_s}: not a positive number of seconds; try 600")
        if self.solver not in ("highs", "cbc"):
            raise UsageError(f"--solver {self.solver}: unknown; try highs or cbc")
        if self.method not in ("auto", "monolithic", "pricing"):
            raise UsageError(f"--method {self.method}: there is no such method; try auto, monolithic or pricing")
        if self.method == "pricing" and self.solver != "highs":
            raise UsageError("--method pricing: works with --solver highs only; try --method auto")
        if self.threads < 1:
            raise UsageError(f"threads {self.threads}: at least 1")
