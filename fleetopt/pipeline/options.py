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
    method: Literal["auto", "monolithic"] = "auto"
    """`auto` fixes the structure first (A then B), `monolithic` solves everything at once."""
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.gap < 1:
            raise UsageError(f"--gap {self.gap}: not a share from 0 to below 1; try 0.001")
        if not self.time_limit_s > 0:
            raise UsageError(f"--time-limit {self.time_limit_s}: not a positive number of seconds; try 600")
        if self.solver not in ("highs", "cbc"):
            raise UsageError(f"--solver {self.solver}: unknown; try highs or cbc")
        if self.method not in ("auto", "monolithic"):
            raise UsageError(f"--method {self.method}: there is no such method yet; try auto or monolithic")
        if self.threads < 1:
            raise UsageError(f"threads {self.threads}: at least 1")
