"""Theses judged by their own expectations, from the figures of a run alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fleetopt.suite.expect import Judgement, judge
from fleetopt.suite.fill import filled
from fleetopt.suite.record import Record, lookup
from fleetopt.suite.runs import PLANNED
from fleetopt.suite.schema import Thesis

Outcome = Literal["borne out", "refuted", "undecided"]


@dataclass(frozen=True)
class Ruling:
    """A thesis and what became of it."""

    thesis: Thesis
    outcome: Outcome
    judgements: tuple[Judgement, ...]

    @property
    def why(self) -> str:
        """What the thesis has to say for this outcome; unfilled."""
        return {"borne out": self.thesis.borne_out, "refuted": self.thesis.refuted}.get(self.outcome, "")


def rulings(theses: Sequence[Thesis], record: Record) -> tuple[Ruling, ...]:
    """Every thesis: borne out where all it expects holds, refuted where something fails, else undecided."""
    return tuple(_ruling(thesis, record) for thesis in theses)


def _ruling(thesis: Thesis, record: Record) -> Ruling:
    plans = record.plans
    judgements = tuple(judge(expectation, plans, record.flips) for expectation in thesis.expect)
    failed = [judgement for judgement in judgements if not judgement.holds]
    if any(_answered(judgement, record) for judgement in failed):
        return Ruling(thesis, "refuted", judgements)
    return Ruling(thesis, "undecided" if failed else "borne out", judgements)


def _answered(judgement: Judgement, record: Record) -> bool:
    """Whether all that an expectation speaks of came to an end."""
    expectation = judgement.expectation
    if expectation.flip:
        flip = record.flips.get(expectation.flip)
        return flip is not None and all(point.state != "unknown" for point in flip.points)
    plans = record.plans
    return all(plans.get(name, {}).get("status") in (*PLANNED, "infeasible") for name in expectation.scenarios)


def said(text: str, record: Record) -> str:
    """A text with the figures of the run."""
    return filled(text, lambda steps: lookup(record, steps))
