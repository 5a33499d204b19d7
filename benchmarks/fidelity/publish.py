"""What the fit leaves behind: the calibration of the package, and the table of errors."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import training
import yaml
from fit import MEASURED, Values, every_constant
from serving import Rows
from validate import GATES, table

from fleetopt.instance.prediction_options import PredictionOptions

HEAD = """\
# Constants of the prediction, fitted to public measurements: written by `nox -s fidelity -- --write`, not by hand.
# Each has the value a plan uses, the prior the fit starts from and shrinks towards, and why it exists.
"""
START, END = "<!-- errors -->", "<!-- end of errors -->"
QUEUE = {
    "queue_share": "Other requests of a closed loop whose prefill a request waits for; benchmarks alone.",
    "first_token_s": "Client, scheduler and the first pass a request waits for; benchmarks alone.",
}


def calibration_text(
    values: Values, options: PredictionOptions, costs: Mapping[str, float], bands: Iterable[Mapping[str, object]],
    rows: Rows, runs: list[dict[str, str]],
) -> str:  # fmt: skip
    """catalog/calibration.yaml."""
    table_, constants = every_constant(), dict[str, dict[str, Any]]()
    measured = {vendor: {"gemm_factor": factor} for vendor, (factor, _) in MEASURED.items()}
    factors: dict[str, dict[str, dict[str, float]]] = {
        "libraries": {**measured}, "training_libraries": {**measured}, "engines": {},
    }  # fmt: skip
    why = {f"libraries.{vendor}.gemm_factor": reason for vendor, (_, reason) in MEASURED.items()}
    for path, value in values.items():
        if path[0] == "constants":
            constants[path[1]] = {"value": value, "prior": table_[path].prior, "why": table_[path].why}
        else:
            factors[path[0]].setdefault(path[1], {})[path[2]] = value
            why[".".join(path)] = table_[path].why
    for name, reason in QUEUE.items():
        constants[name] = {"value": float(f"{getattr(options, name):.3g}"), "why": reason}
    for name, value in costs.items():
        constant = training.CONSTANTS[name]
        constants[f"training_{name}"] = {"value": value, "prior": constant.prior, "why": constant.why}
    document = {
        "provenance": {
            "source": "public measurements of serving and training, one weight a source: "
            + "; ".join(sorted({*rows.column("source"), *(row["source"] for row in runs)})),
            "date": max(row.get("date") or "" for row in rows.table),
            "confidence": "fitted",
            "serving_rows": len(rows.table),
            "training_rows": len(runs),
        },
        "constants": constants,
        **factors,
        "why": why,
        "bands": [dict(band) for band in bands],
    }
    return HEAD + yaml.dump(document, Dumper=_Plain, sort_keys=False, width=118, allow_unicode=True)


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice, without references."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


def page(served: pd.DataFrame, trained: pd.DataFrame, scores: Mapping[str, float]) -> str:
    """Errors against the gates, then by group."""
    lines = ["# How far predictions are from measurements", ""]
    lines += [
        "Medians over sources of each source's median absolute error; a refused row counts as wrong by 100 %.",
        "",
    ]
    lines += score_table(scores)
    for title, frame, groups in (
        ("Serving", served, (["source"], ["mode", "metric"], ["chip"], ["model"], ["engine"])),
        ("Training", trained, (["source"], ["metric"], ["chip", "precision"], ["model"])),
    ):
        for by in groups:
            lines += ["", f"## {title}, by {' and '.join(by)}", "", table(frame, by)]
    return "\n".join(lines)


def in_docs(text: str, scores: Mapping[str, float]) -> str:
    """The page of the documentation with the table of scores between its marks."""
    before, rest = text.split(START)
    after = rest.split(END)[1]
    return before + START + "\n" + "\n".join(score_table(scores)) + "\n" + END + after


def score_table(scores: Mapping[str, float]) -> list[str]:
    """Errors against the gates."""
    lines = ["| median error over sources | reached | at most |", "|---|---|---|"]
    return lines + [f"| {name} | {score:.1%} | {GATES[name]:.0%} |" for name, score in scores.items()]
