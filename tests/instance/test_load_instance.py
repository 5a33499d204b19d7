"""Loading as a whole: the round trip through resolved.yaml, and mutations that must never escape as anything else."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import ORBIT_SITE, tiny_raw, with_orbit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from instance_texts import TINY

from fleetopt.errors import InputError
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load, load_dict, load_resolved, load_text
from fleetopt.instance.schema import Instance
from fleetopt.instance.starter import starter_text
from fleetopt.instance.strict_yaml import read_text

RAW: dict[str, Any] = yaml.safe_load(TINY)
AWKWARD = [
    "1e6",
    "NO",
    "010",
    "12:30",
    "~",
    "",
    "<<",
    "true",
    " a ",
    "a: b",
    "- a",
    "#x",
    "x #y",
    "'",
    '"',
    "é\n\tb",
    "|",
    "*a",
    "2027-01-01",
    "=",
]


def reread(instance: Instance, folder: Path) -> Instance:
    """The instance after a trip through resolved.yaml."""
    path = folder / "resolved.yaml"
    path.write_text(dump_resolved(instance), encoding="utf-8")
    return load_resolved(path)


def test_the_starter_loads_clean(tmp_path: Path) -> None:
    """What `fleetopt new` writes has no finding and no warning, and takes its systems from the catalogue."""
    path = tmp_path / "starter.yaml"
    path.write_text(starter_text(), encoding="utf-8")
    loaded = load(path)
    assert loaded.warnings == ()
    assert loaded.instance.systems[0].chip is not None
    assert len(starter_text().splitlines()) < 100


@pytest.mark.parametrize("text", [TINY, starter_text()])
def test_resolved_round_trips_to_an_equal_instance(text: str, tmp_path: Path) -> None:
    """Reading what was written gives an equal instance, and writing that the same bytes."""
    instance = load_text(text).instance
    again = reread(instance, tmp_path)
    assert again == instance
    assert dump_resolved(again) == dump_resolved(instance)


def test_an_orbit_round_trips_too(tmp_path: Path) -> None:
    """Optional sections survive."""
    instance = load_dict(tiny_raw(**with_orbit())).instance
    assert reread(instance, tmp_path) == instance
    assert instance.sites[1].orbit is not None
    assert instance.sites[1].orbit.launch_usd_per_kg == ORBIT_SITE["orbit"]["launch_usd_per_kg"]


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_survives(text: str, tmp_path: Path) -> None:
    """Text that looks like a number, a truth value or syntax is written so that it is read as text."""
    instance = load_dict({**copy.deepcopy(RAW), "title": text, "notes": text * 3}).instance
    assert reread(instance, tmp_path) == instance


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40), st.floats(0, 1e300))
@settings(max_examples=60, deadline=None)
def test_any_text_and_number_survive(text: str, number: float) -> None:
    """Floats are exact, and any printable text comes back."""
    data = {**RAW, "title": text, "finance": {"carbon_usd_per_t": number}}
    try:
        instance = load_dict(copy.deepcopy(data)).instance
    except InputError:
        return
    found = read_text(dump_resolved(instance), "resolved.yaml")
    assert found.findings == ()
    assert Instance.model_validate(found.data) == instance


def test_a_resolved_file_needs_no_catalogue(tmp_path: Path) -> None:
    """`use` is not known there: everything is written out."""
    path = tmp_path / "resolved.yaml"
    path.write_text(TINY.replace("  - id: gpu8\n", "  - use: gpu8\n    id: gpu8\n"), encoding="utf-8")
    with pytest.raises(InputError, match=r"systems\.gpu8\.use: unknown field"):
        load_resolved(path)


def test_places_are_known_after_loading() -> None:
    """The line of a field can be asked for later, for messages about feasibility."""
    assert (
        load_text(TINY, "f.yaml").place(("systems", 0, "power_kw")).line
        == TINY[: TINY.index("power_kw: 10")].count("\n") + 1
    )


def test_loading_leaves_the_data_alone() -> None:
    """Plain data given to the loader is not changed by references or overrides."""
    data = copy.deepcopy(RAW)
    load_dict(data, overrides=["sites.virginia.power.scale=0.5"])
    assert data == RAW


JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from([*AWKWARD, "gpu8", "hgx-h100-8", "2027q1", "$30k", "21 PB/s", "9" * 400]),
    st.sampled_from([[], {}, [[]], [{}], [1, "a"], ["hgx-h100-8"]]),
    st.sampled_from([{"use": "gpu8"}, {"use": 3}, {"id": 3}, {"csv": "x"}]),
).map(copy.deepcopy)


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """The tiny instance with a few values replaced, removed, doubled or added."""
    data = copy.deepcopy(RAW)
    for _ in range(draw(st.integers(1, 3))):
        node: Any = data
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and draw(st.integers(0, 4)):
                node = node[key]
                continue
            action = draw(st.sampled_from(["replace", "remove", "add"]))
            if action == "replace":
                node[key] = draw(JUNK)
            elif action == "remove":
                del node[key]
            elif isinstance(node, dict):
                node[draw(st.sampled_from(["include", "use", "scale", "csv", "table", "lot", "x" * 70]))] = draw(JUNK)
            else:
                node.append(copy.deepcopy(node[key]))
            break
    return data


@given(
    mutations(),
    st.sampled_from(
        [(), ("sites.*.power.scale=0.5",), ("workloads.*.demand.scale=2", "systems.gpu8.chip.memory_gb=3")]
    ),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutations_load_or_are_input_errors(data: dict[str, Any], overrides: tuple[str, ...]) -> None:
    """Whatever is done to a valid file, the loader returns an instance or raises InputError with places."""
    try:
        instance = load_dict(data, overrides=overrides).instance
    except InputError as error:
        assert error.issues
        assert all(issue.line >= 1 and issue.message for issue in error.issues)
    else:
        assert Instance.model_validate(read_text(dump_resolved(instance), "resolved.yaml").data) == instance


@given(st.integers(0, len(TINY) - 1), st.integers(0, 8), st.text(max_size=6))
@settings(max_examples=150, deadline=None)
def test_broken_text_loads_or_is_an_input_error(start: int, length: int, inserted: str) -> None:
    """A few characters taken out and others put in never raise anything but InputError."""
    try:
        load_text(TINY[:start] + inserted + TINY[start + length :])
    except InputError as error:
        assert error.issues
