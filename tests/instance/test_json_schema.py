"""The JSON Schema of instance files, the starter, and what `check` prints."""

import json
from typing import Any

import jsonschema
import pytest
import yaml
from builders import tiny_raw, with_orbit
from instance_texts import TINY

from fleetopt.instance.json_schema import file_schema, schema_text
from fleetopt.instance.load import load_text
from fleetopt.instance.starter import starter_text
from fleetopt.instance.summary import summary

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))


@pytest.mark.parametrize(
    "data", [yaml.safe_load(TINY), yaml.safe_load(starter_text()), tiny_raw(**with_orbit()), {"include": ["a.yaml"]}]
)
def test_valid_files_pass_the_schema(data: Any) -> None:
    """What the loader takes an editor takes: quantities as text, references, includes."""
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"tdp": 3},
        {"time": {"start": "soon", "periods": 2, "slices": [{"id": "a", "start_hour": 0, "hours": 24}]}},
        {"systems": [{"use": "hgx-h100-8", "colour": "red"}]},
        {"systems": [{"id": "incomplete"}]},
        {"finance": {"wacc": -1}},
    ],
)
def test_invalid_files_fail_the_schema(change: dict[str, Any]) -> None:
    """Unknown and missing fields, wrong patterns and bounds are seen by an editor."""
    assert not VALIDATOR.is_valid({**yaml.safe_load(TINY), **change})


def test_the_schema_is_the_same_every_time() -> None:
    """Same bytes; demand may come from CSV."""
    assert schema_text() == schema_text()
    assert "csv" in file_schema()["$defs"]["Demand"]["properties"]


def test_every_field_is_described() -> None:
    """Each field has its docstring in the schema, which the format page is made from."""
    definitions = file_schema()["$defs"]
    bare = [
        f"{name}.{field}"
        for name, definition in definitions.items()
        for field, schema in definition.get("properties", {}).items()
        if not schema.get("description")
    ]
    assert bare == []


def test_the_summary_shows_canonical_units() -> None:
    """1 MW is 1,000 kW, $300k is 300,000 USD, and mean demand is 10 a second in both quarters."""
    found = summary(load_text(TINY).instance)
    rows = found.as_dict()
    assert "1,000 kW now" in rows["sites"]["virginia"]
    assert "300,000 USD" in rows["systems"]["gpu8"]
    assert next(v for k, v in rows.items() if k.startswith("demand"))["chat"].startswith(
        "10 10; peak 10; answer on small"
    )
    assert rows["fleet"]["old"] == "3 gpu8 at virginia, to 2029q4"
    assert "periods" in found.lines()


def test_the_summary_covers_training_memory_and_orbit() -> None:
    """Sections that are not in every instance have rows too, and what is disabled is marked."""
    training = {
        "id": "run",
        "kind": "training",
        "model": "small",
        "training": {"tokens": 1e12, "start": "2027q1", "deadline": "2027q2"},
    }
    raw = tiny_raw(
        **with_orbit(
            workloads={"run": {**training, "enabled": False}},
            memory=[{"id": "nvme", "kind": "nvme", "price": {"usd_per_gb": 0.1}}],
        )
    )
    from fleetopt.instance.load import load_dict

    rows = summary(load_dict(raw).instance).as_dict()
    assert rows["training"]["run"] == "small, 1e+12 tokens in bf16, 2027q1 to 2027q2 (disabled)"
    assert rows["memory"]["nvme"] == "nvme, 1,000 GB a unit, 0.1 USD/GB"
    assert rows["sites"]["leo"].startswith("orbit at 650 km")
    assert rows["instance"]["workloads"] == "2 (1 disabled)"
