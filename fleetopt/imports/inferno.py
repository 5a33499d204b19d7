"""An Inferno case as an instance (llm-inferno: the optimiser behind the llm-d workload variant autoscaler).

A folder of `accelerator`, `model`, `serviceclass`, `server`, `capacity` and `optimizer` files (`NAME-data.json`), or
`system-data.json` with all of them. Each server is a workload of one mean request, on one accelerator, in whole
replicas; a replica takes `accCount` units; its rate follows from the queue of its model's parameters on the accelerator
(fleetopt.prediction.state_queue). Cents per hour become USD, milliseconds seconds, requests a minute requests a second;
the stock of a type counts cards (`multiplicity` a unit). Keys are read in any case, as Inferno reads them.
"""

from pathlib import Path
from typing import Any

from fleetopt.errors import InputError, Issue
from fleetopt.imports.frame import REGION, digest, instance_text, one_hour, place, rented
from fleetopt.imports.inferno_case import Case, read_case
from fleetopt.imports.reading import Ids, slug

PACED_LOAD = 0.999 * 0.9
"""Highest load of a server with a target of tokens per second, which says how much it serves (Inferno's margin)."""
MOST_QUEUES = 4_000


def inferno_text(folder: Path) -> tuple[str, tuple[str, ...]]:
    """The instance of a folder, and what its author should know. Raises InputError with every problem found."""
    case, files = read_case(folder)
    warnings: list[str] = []
    data = _instance(folder, files, case, warnings)
    about = [
        f"Source: {digest(files)}.",
        "Inferno's queue model and stock, one accelerator for each server; the plan costs what Inferno's does an hour.",
        "`--set servers.mixed=true` mixes accelerators, `--set policy.limits.*.enabled=false` takes the stock away.",
    ]
    return instance_text("inferno", about, data), tuple(warnings)


def _instance(folder: Path, files: list[Path], case: Case, warnings: list[str]) -> dict[str, Any]:
    servers, systems = Ids(), Ids()
    name = folder.resolve().name
    notes = f"Inferno case {digest(files)}: {len(case.servers)} servers, {len(case.accelerators)} accelerators."
    data = {
        **one_hour(slug(name), f"Inferno: {slug(name)}", notes),
        "workloads": [_workload(server, servers, systems, case) for server in case.servers],
        "systems": [
            rented(systems.of(acc), acc, int(a["cards"]), a["cents"] / 100.0, a["watts"] / 1000.0)
            for acc, a in case.accelerators.items()
        ],
        "sites": place(),
    }
    limits = _limits(case, systems, warnings)
    if limits:
        data["policy"] = {"limits": limits}
    data["measured"] = {"queues": _queues(case, servers, systems)}
    if len(data["measured"]["queues"]) > MOST_QUEUES:
        message = f"there are more than {MOST_QUEUES:,} models on accelerators"
        raise InputError([Issue(str(folder), 1, "", message, "try a smaller case")])
    if case.mixed:
        data["servers"] = {"mixed": True}
    return data


def _workload(server: dict[str, Any], servers: Ids, systems: Ids, case: Case) -> dict[str, Any]:
    target = case.targets.get((server["class"], server["model"]), {})
    slo = {key: f"{target[of]!r} ms" for key, of in (("ttft_s", "ttft"), ("tpot_s", "itl")) if target.get(of)}
    empty = server["output"] < 1 or server["per_min"] == 0
    rate = f"{server['per_min']!r}/min"
    if target.get("tps"):
        rate = f"{target['tps'] / max(server['output'], 1)!r}/s"
    workload: dict[str, Any] = {
        "id": servers.of(server["name"]),
        "name": server["name"],
        "kind": "answer",
        "disaggregated": False,
        "whole_replicas": True,
        "one_system": True,
    }
    if server["held"]:
        workload["systems"] = [systems.of(server["held"])]
    if server["least"]:
        workload["min_replicas"] = server["least"]
    return workload | {
        "slo": slo,
        "buckets": [
            {
                "id": "mean",
                "share": 1,
                "input_tokens": server["input"],
                "output_tokens": max(server["output"], 1),
            }
        ],
        "demand": {"regions": [{"region": REGION, "rate_per_s": "0/min" if empty else rate}]},
    }


def _limits(case: Case, systems: Ids, warnings: list[str]) -> list[dict[str, Any]]:
    """The stock by type: cards of all the accelerators that are made of it."""
    if case.stock is None:
        return []
    of_type: dict[str, list[str]] = {}
    for acc, a in case.accelerators.items():
        of_type.setdefault(str(a["type"]), []).append(systems.of(acc))
    names, found = Ids(), []
    for type_, members in of_type.items():
        if type_ not in case.stock:
            warnings.append(f"capacity-data.json has no {type_}: none of it may be used")
        limit = {
            "id": f"stock-{names.of(type_)}",
            "name": type_,
            "of": "rented",
            "measure": "chips",
            "systems": members,
            "at_most": case.stock.get(type_, 0),
        }
        found.append(limit | ({"enabled": False} if case.unlimited else {}))
    return found


def _queues(case: Case, servers: Ids, systems: Ids) -> list[dict[str, Any]]:
    """A row for each model on each accelerator; a server with a batch of its own has its own rows."""
    rows: list[dict[str, Any]] = []
    for (model, acc), law in case.laws.items():
        if acc not in case.accelerators:
            continue
        groups: dict[tuple[int, bool], list[str]] = {}
        for server in case.servers:
            if server["model"] == model:
                paced = case.targets.get((server["class"], model), {}).get("tps", 0) > 0
                groups.setdefault((int(server["batch"]), paced), []).append(servers.of(server["name"]))
        for (own, paced), members in groups.items():
            row: dict[str, Any] = {"workloads": members, "system": systems.of(acc)}
            row |= {"units": law["units"]} if law["units"] > 1 else {}
            row["max_batch"] = own or law["batch"]
            if not own:
                row["at_tokens"] = max(law["at_tokens"], 1)
            if paced:
                row["most_load"] = PACED_LOAD
            for name, key in (("base_s", "alpha"), ("token_s", "beta"), ("context_s", "gamma")):
                row[name] = f"{law[key]!r} ms"
            rows.append(row)
    return rows
