"""`import inferno`: units, keys in any case, options, and what is wrong said with file, line and path."""

import json
from pathlib import Path
from typing import Any

import pytest
from inferno_case import case, written
from published import solved

from fleetopt.errors import InputError
from fleetopt.imports.inferno import inferno_text
from fleetopt.instance.load import load_text
from fleetopt.instance.schema import Instance


def imported(folder: Path, parts: dict[str, Any]) -> Instance:
    """The instance of a case."""
    return load_text(inferno_text(written(folder, parts))[0]).instance


def test_units_and_keys(tmp_path: Path) -> None:
    """Cents an hour are USD, requests a minute are by the second, ms are seconds, watts kW; the stock counts cards."""
    instance = imported(tmp_path, case())
    big, small = instance.systems
    assert big.rent is not None and small.rent is not None
    assert (big.rent.usd_per_h, big.chips, big.power_kw, small.chips) == (1.0, 2, 0.7, 1)
    workload = instance.workloads[0]
    assert (workload.slo.ttft_s, workload.slo.tpot_s) == (pytest.approx(0.5), pytest.approx(0.03))
    assert workload.demand.regions[0].rate_per_s == pytest.approx(10.0)
    assert (workload.buckets[0].input_tokens, workload.buckets[0].output_tokens) == (100.0, 100.0)
    queue = instance.measured.queues[0]
    assert (queue.base_s, queue.token_s, queue.context_s) == (0.005, pytest.approx(1e-4), pytest.approx(1e-6))
    assert {(p.name, p.measure, p.at_most) for p in instance.policy.limits} == {
        ("B", "chips", 100.0),
        ("S", "chips", 100.0),
    }


def test_a_system_in_one_file_is_the_same(tmp_path: Path) -> None:
    """system-data.json alone gives the sections that six files give."""
    apart, parts = written(tmp_path / "apart", case()), case()
    keys = ("accelerator", "model", "serviceclass", "server", "capacity", "optimizer")
    names = ("acceleratorData", "modelData", "serviceClassData", "serverData", "capacityData", "optimizerData")
    whole = {"system": {name: parts[key] for key, name in zip(keys, names, strict=True)}}
    together = tmp_path / "together"
    together.mkdir()
    (together / "system-data.json").write_text(json.dumps(whole), encoding="utf-8")
    one, other = (load_text(inferno_text(folder)[0]).instance for folder in (apart, together))
    assert (one.workloads, one.systems, one.measured, one.policy) == (
        other.workloads,
        other.systems,
        other.measured,
        other.policy,
    )


def test_options_of_servers_and_optimizer(tmp_path: Path) -> None:
    """keepAccelerator, maxBatchSize, minNumReplicas, heterogeneous, unlimited and tokens per second hold."""
    parts = case()
    server = parts["server"]["servers"][0]
    server |= {"keepAccelerator": True, "maxBatchSize": 3, "minNumReplicas": 40}
    server["currentAlloc"]["accelerator"] = "Small"
    parts["optimizer"]["optimizer"] = {"unlimited": True, "heterogeneous": True}
    instance = imported(tmp_path, parts)
    assert instance.workloads[0].systems == ("small",)
    assert (instance.measured.queues[0].max_batch, instance.measured.queues[0].at_tokens) == (3, None)
    assert instance.servers.mixed
    assert not any(limit.enabled for limit in instance.policy.limits)
    found = solved(inferno_text(tmp_path)[0])
    assert found.exit_code == 0
    assert found.plan.objective_usd == pytest.approx(40 * 0.30)
    parts["serviceclass"]["serviceClasses"][0]["modelTargets"][0] = {"model": "m", "slo-tps": 2000}
    paced = imported(tmp_path, parts)
    assert paced.workloads[0].demand.regions[0].rate_per_s == pytest.approx(20.0)
    assert paced.measured.queues[0].most_load == pytest.approx(0.8991)


def test_idle_servers_cost_nothing(tmp_path: Path) -> None:
    """A server without arrivals, or whose answers have no tokens, needs no replica; nor does one without a load."""
    parts = case()
    for load in ({"arrivalRate": 0}, {"arrivalRate": 5, "avgOutTokens": 0}, None):
        parts["server"]["servers"][0]["currentAlloc"] = {} if load is None else {"load": load}
        found = solved(inferno_text(written(tmp_path, parts))[0])
        assert (found.exit_code, found.plan.objective_usd) == (0, 0.0)


def test_what_nobody_can_serve_is_infeasible(tmp_path: Path) -> None:
    """A target below the time of an iteration, or a stock of none, leaves no plan: exit code 3, never a crash."""
    parts = case()
    parts["serviceclass"]["serviceClasses"][0]["modelTargets"][0]["slo-itl"] = 1
    assert solved(inferno_text(written(tmp_path, parts))[0]).exit_code == 3
    parts = case()
    parts["capacity"]["count"] = []
    text, warnings = inferno_text(written(tmp_path, parts))
    assert solved(text).exit_code == 3
    assert any("has no B" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("part", "path", "value", "said"),
    [
        ("accelerator", ("accelerators", 0, "cost"), -1, "accelerators.0.cost: -1 is not between"),
        ("accelerator", ("accelerators", 1, "name"), "Big", "'Big' is given twice"),
        ("model", ("models", 0, "perfParms"), None, "models.0.perfParms: the field is missing"),
        ("model", ("models", 0, "maxBatchSize"), 1.5, "1.5 is not a whole number"),
        ("server", ("servers", 0, "model"), "n", "class 'Gold' has no target for model 'n'"),
        ("server", ("servers",), [], "servers: there is no server"),
        ("server", ("servers", 0), 7, "servers.0: 7 stands where a server is meant"),
        ("capacity", ("count", 0, "count"), True, "true stands where a number is meant"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, part: str, path: tuple[Any, ...], value: Any, said: str) -> None:
    """Each with file, line, path and what to try."""
    parts = case()
    target: Any = parts[part]
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(InputError) as caught:
        inferno_text(written(tmp_path, parts))
    assert said in str(caught.value)
    assert all(
        issue.file.endswith(f"{part}-data.json") and issue.line >= 1 and issue.hint for issue in caught.value.issues
    )


def test_a_folder_without_the_files(tmp_path: Path) -> None:
    """A missing folder and a missing file are named."""
    with pytest.raises(InputError, match="there is no such folder"):
        inferno_text(tmp_path / "none")
    with pytest.raises(InputError, match=r"accelerator-data\.json:1: there is no such file"):
        inferno_text(tmp_path)
