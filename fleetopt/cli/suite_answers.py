"""What a suite asks beside its scenarios, on the terminal and as data."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleetopt.cli.output import print_table, say

if TYPE_CHECKING:
    from fleetopt.suite.answers import Answers


def print_answers(answers: Answers, out: Path) -> None:
    """A sentence for each flip, map and regret, and the verdicts on theses."""
    from fleetopt.suite.flip_report import verdict
    from fleetopt.suite.map_report import summary as map_summary
    from fleetopt.suite.regret_report import summary as regret_summary

    say(f"{name}: {verdict(flip)}" for name, flip in answers.flips.items())
    say(f"{name}: {map_summary(found)}" for name, found in answers.maps.items())
    if answers.regret is not None:
        say(f"regret: {regret_summary(answers.regret)}")
    if answers.rulings:
        rows = [[r.thesis.id, r.thesis.title, r.outcome, _lost(r.judgements)] for r in answers.rulings]
        print_table("Theses", ["", "thesis", "verdict", "what did not hold"], rows, ())
        say(f"wrote {out / 'theses.md'}" if not answers.stopped else "theses.md waits for the rest of the runs")


def _lost(judgements: Any) -> str:
    return "; ".join(judgement.because for judgement in judgements if not judgement.holds)


def answers_data(answers: Answers) -> dict[str, Any]:
    """The same as plain data; nothing where the suite asks for nothing."""
    from fleetopt.suite.flip_report import flip_data

    found: dict[str, Any] = {}
    if answers.flips:
        found["flips"] = {name: flip_data(flip) for name, flip in answers.flips.items()}
    if answers.maps:
        found["maps"] = {name: asdict(map_) for name, map_ in answers.maps.items()}
    if answers.regret is not None:
        found["regret"] = asdict(answers.regret)
    if answers.rulings:
        found["theses"] = [
            {
                "id": r.thesis.id,
                "title": r.thesis.title,
                "outcome": r.outcome,
                "expectations": [{"holds": j.holds, "because": j.because} for j in r.judgements],
            }
            for r in answers.rulings
        ]
    return found
