"""Fields that await an equation: each one declared is refused by name where it is used, never ignored."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from builders import BASE, merge, tiny_raw
from pydantic import BaseModel

from fleetopt.errors import InputError
from fleetopt.instance.load import load_dict
from fleetopt.instance.schema import Instance

Raw = dict[str, Any]
NVME = {"id": "nvme", "kind": "nvme", "price": {"usd_per_gb": 0.1}}


def awaited(section: type[BaseModel], seen: set[type]) -> Iterator[tuple[str, str]]:
    """`Section.field` and equation of every field below `section` that awaits one, as the schema declares them."""
    if section in seen:
        return
    seen.add(section)
    for name, info in section.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and "awaits" in extra:
            yield f"{section.__name__}.{name}", str(extra["awaits"])
        else:
            for below in sections(info.annotation):
                yield from awaited(below, seen)


def sections(annotation: Any) -> Iterator[type[BaseModel]]:
    """Sections named anywhere in a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from sections(part)


def gpu(**fields: Any) -> Raw:
    """The tiny instance with its system changed."""
    return tiny_raw(systems={"gpu8": fields})


DECLARED = dict(awaited(Instance, set()))
USED: dict[str, tuple[str, Raw]] = {
    "MemoryTier.read_gb_s_per_tb": (
        "memory.nvme.read_gb_s_per_tb",
        tiny_raw(memory=[{**NVME, "read_gb_s_per_tb": 1.0}]),
    ),
    "MemoryTier.write_gb_s_per_tb": (
        "memory.nvme.write_gb_s_per_tb",
        tiny_raw(memory=[{**NVME, "write_gb_s_per_tb": 1.0}]),
    ),
    "MemoryTier.drive_writes_per_day": (
        "memory.nvme.drive_writes_per_day",
        tiny_raw(memory=[{**NVME, "drive_writes_per_day": 1.0}]),
    ),
    "Workload.reuse_curve": ("workloads.chat.reuse_curve", tiny_raw(workloads={"chat": {"reuse_curve": [[1.0, 0.5]]}})),
}
"""Path and an otherwise sound instance with the field used; a new field that awaits an equation needs a line here."""


def test_every_declared_field_has_a_case() -> None:
    """The walk over the schema and the cases below name the same fields."""
    assert sorted(DECLARED) == sorted(USED)


@pytest.mark.parametrize("field", DECLARED)
def test_a_field_without_its_equation_is_refused_not_ignored(field: str) -> None:
    """One finding, at the field, that names the equation it waits for."""
    path, raw = USED[field]
    with pytest.raises(InputError) as caught:
        load_dict(raw)
    said = [(issue.path, issue.message) for issue in caught.value.issues]
    assert said == [(path, f"needs equation {DECLARED[field]}, which is not written yet")]


def test_the_default_written_out_is_no_use_of_the_field() -> None:
    """`residual: annuity` and `cooling: null` say what holds anyway."""
    load_dict(merge(BASE, {"finance": {"residual": "annuity"}, "sites": {"virginia": {"cooling": None}}}))
