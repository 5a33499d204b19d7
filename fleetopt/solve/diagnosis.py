"""What a planner is told when there is no plan: which rule, where, how much, and what would help."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in the way."""

    equation: str
    """Public id of the equation or screen."""
    index: tuple[str, ...]
    shortfall: float
    """How much is missing, in `unit`; 0 where the question is not how much."""
    unit: str
    message: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """The cheapest way out: which limits to relax by how much, and what a plan costs then."""

    text: str
    """In words, with the cost."""
    relaxations: tuple[Finding, ...]
    cost_usd: float | None
    """Of the plan once these are granted, found by solving again; None where the time did not do."""
    gap: float | None
    law: str
    """What only a change of law or a licence would do; empty where the law is not in the way."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why there is no plan."""

    status: str
    """`infeasible` or `no_plan`."""
    headline: str
    findings: tuple[Finding, ...] = ()
    advice: tuple[str, ...] = ()
    rejections: tuple[Mapping[str, Any], ...] = ()
    remedy: Remedy | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for diagnosis.json."""
        return asdict(self)

    def markdown(self) -> str:
        """The same for people."""
        lines = [f"# No plan: {self.headline}", ""]
        if self.findings:
            lines += ["| equation | where | missing | what |", "|---|---|---|---|"]
            for f in self.findings:
                missing = f"{f.shortfall:,.10g} {f.unit}" if f.shortfall else "–"
                lines.append(f"| {f.equation} | {', '.join(f.index)} | {missing} | {f.message} |")
            lines.append("")
        if self.remedy is not None:
            said = [self.remedy.text, *([self.remedy.law] if self.remedy.law else [])]
            lines += ["## The cheapest way out", "", *(line for text in said for line in (text, ""))]
        if self.advice:
            lines += ["## What would help", "", *(f"- {text}" for text in self.advice), ""]
        if self.rejections:
            lines += ["## Rejected on the way", "", "| workload | system | rule | how many | nearest |"]
            lines.append("|---|---|---|---|---|")
            keys = ("workload", "system", "rule", "count", "nearest")
            lines += ["| " + " | ".join(str(r[key]) for key in keys) + " |" for r in self.rejections]
            lines.append("")
        return "\n".join(lines)
