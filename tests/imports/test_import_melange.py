"""`import melange`: what is written, what is refused, and that whatever is read either loads or is refused in words."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inferno_case import case, written
from published import README_EXAMPLE, melange

from fleetopt.errors import InputError
from fleetopt.imports.inferno import inferno_text
from fleetopt.imports.melange import melange_text
from fleetopt.instance.load import load_text
from fleetopt.instance.schema import Instance


def imported(folder: Path, **changes: Any) -> Instance:
    """The example with changes."""
    path = folder / "config.json"
    path.write_text(json.dumps({**README_EXAMPLE, **changes}), encoding="utf-8")
    return load_text(melange_text(path)).instance


def test_the_distribution_is_used_as_given(tmp_path: Path) -> None:
    """Shares that add up to 0.5 stay so, empty buckets go, and a rate of 30 is 15 requests/s in all."""
    instance = imported(tmp_path, workload_distribution=[[0.3, 0.0], [0.2, 0.0]])
    workload = instance.workloads[0]
    assert {b.id: b.share for b in workload.buckets} == {"b0-0": 0.3, "b1-0": 0.2}
    assert workload.demand.regions[0].rate_per_s == 30.0
    # by hand: 9/s at 2/s or 20/s, 6/s at 5/s or 40/s: 5 + 2 A10G 7.07, one A100 (0.6 of it) 3.67
    assert melange(
        tmp_path, {**README_EXAMPLE, "workload_distribution": [[0.3, 0.0], [0.2, 0.0]]}
    ).plan.objective_usd == (pytest.approx(3.67))


def test_counts_in_place_of_shares(tmp_path: Path) -> None:
    """A histogram of 60 and 40 with a rate of 0.1 is one of 6 and 4 requests/s."""
    instance = imported(tmp_path, workload_distribution=[[60, 0], [0, 40]], total_request_rate=0.1)
    workload = instance.workloads[0]
    rate = workload.demand.regions[0].rate_per_s
    assert [b.share * rate for b in workload.buckets] == [pytest.approx(6.0), pytest.approx(4.0)]


def test_missing_keys_are_melanges_defaults(tmp_path: Path) -> None:
    """Without slice_factor there is one slice, without total_request_rate nothing arrives and nothing is paid."""
    config = {key: README_EXAMPLE[key] for key in ("gpu_info", "workload_distribution")}
    found = melange(tmp_path, config)
    assert (found.exit_code, found.plan.objective_usd) == (0, 0.0)


def test_one_type_alone(tmp_path: Path) -> None:
    """A10G alone: loads of 3 + 3 + 3 + 3 in one slice each = 12 of them, 12.12 USD/h."""
    config = {**README_EXAMPLE, "gpu_info": {"A10G": README_EXAMPLE["gpu_info"]["A10G"]}}
    assert melange(tmp_path, config).plan.objective_usd == pytest.approx(12.12)


def test_a_throughput_of_nothing(tmp_path: Path) -> None:
    """A type that cannot serve a bucket serves the others; where no type can, there is no plan."""
    gpus = deepcopy(README_EXAMPLE["gpu_info"])
    gpus["A100-80GB"]["tputs"][0][0] = 0
    found = melange(tmp_path, {**README_EXAMPLE, "gpu_info": gpus})
    assert found.exit_code == 0
    assert all("b0-0" not in d.points for d in found.plan.deployments if d.system == "a100-80gb")
    gpus["A10G"]["tputs"][0][0] = 0
    assert melange(tmp_path, {**README_EXAMPLE, "gpu_info": gpus}).exit_code == 3


def test_a_list_of_types_with_names(tmp_path: Path) -> None:
    """`gpu_info` as the README describes it, a list with names, is the same; names alike but for case stay apart."""
    entries = [{"name": name, **entry} for name, entry in README_EXAMPLE["gpu_info"].items()]
    assert imported(tmp_path, gpu_info=entries).systems == imported(tmp_path).systems
    twins = {"A10": README_EXAMPLE["gpu_info"]["A10G"], "a10": README_EXAMPLE["gpu_info"]["A10G"]}
    assert [s.id for s in imported(tmp_path, gpu_info=twins).systems] == ["a10", "a10-2"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"overprovision": 0.1}, "overprovision: Mélange has no such key"),
        ({"slice_factor": 0}, "slice_factor: 0 is not between 1"),
        ({"slice_factor": 1.5}, "slice_factor: 1.5 is not a whole number"),
        ({"total_request_rate": "30"}, "total_request_rate: '30' stands where a number is meant"),
        ({"workload_distribution": [[0.2], [0.1, 0.3]]}, "the rows do not make a table"),
        ({"workload_distribution": [[0.2, -0.1]]}, "workload_distribution.0.1: -0.1 is not between 0"),
        ({"workload_distribution": []}, "workload_distribution: there is nothing in it"),
        ({"workload_distribution": [[0.5, 0.5]]}, "gpu_info.A10G.tputs: the rows do not make a table"),
        ({"gpu_info": {}}, "gpu_info: there is no GPU type"),
        ({"gpu_info": {"A": {"tputs": [[1, 1], [1, 1]]}}}, "gpu_info.A.cost: the field is missing"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    """Each with file, line, path and what to try."""
    with pytest.raises(InputError) as caught:
        imported(tmp_path, **changes)
    assert said in str(caught.value)
    assert all(issue.line >= 1 and issue.hint for issue in caught.value.issues)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def spoilt(data: Any, choices: st.DataObject) -> Any:
    """Plain data with one value, somewhere, replaced by another."""
    if isinstance(data, dict | list) and data and choices.draw(st.integers(0, 9)) > 0:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        key = choices.draw(st.sampled_from(keys))
        changed = deepcopy(data)
        changed[key] = spoilt(data[key], choices)
        return changed
    return choices.draw(JSON)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=st.data())
def test_spoilt_files_load_or_are_refused(tmp_path: Path, choices: st.DataObject) -> None:
    """Whatever stands in a configuration, the import is an instance that loads, or says what is wrong and where."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(spoilt(README_EXAMPLE, choices)), encoding="utf-8")
    parts = case()
    name = choices.draw(st.sampled_from(sorted(parts)))
    parts[name] = spoilt(parts[name], choices)
    folder = written(tmp_path / "case", parts)
    for read in (lambda: melange_text(path), lambda: inferno_text(folder)[0]):
        try:
            text = read()
        except InputError as error:
            assert error.issues and all(i.message and str(i).isprintable() for i in error.issues)
            continue
        assert load_text(text).instance.workloads


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 400), put=st.binary(max_size=3), cut=st.integers(0, 3))
def test_spoilt_bytes_load_or_are_refused(tmp_path: Path, at: int, put: bytes, cut: int) -> None:
    """The same for files that may not even be JSON."""
    raw = json.dumps(README_EXAMPLE, indent=1).encode()
    path = tmp_path / "config.json"
    path.write_bytes(raw[:at] + put + raw[at + cut :])
    try:
        text = melange_text(path)
    except InputError as error:
        assert error.issues
    else:
        assert load_text(text).instance.systems
