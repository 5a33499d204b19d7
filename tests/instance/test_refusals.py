"""Fields that await an equation: each one declared is refused by name where it is used, never ignored."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from builders import BASE, merge, tiny_raw, with_orbit
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


def orbit(**fields: Any) -> Raw:
    """... with an orbit, changed."""
    return tiny_raw(**with_orbit(sites={"leo": {"orbit": fields}}))


DECLARED = dict(awaited(Instance, set()))
USED: dict[str, tuple[str, Raw]] = {
    "Finance.residual": ("finance.residual", tiny_raw(finance={"residual": "table"})),
    "Finance.carbon_budget_t": ("finance.carbon_budget_t", tiny_raw(finance={"carbon_budget_t": [5.0]})),
    "Policy.frozen_until": ("policy.frozen_until", tiny_raw(policy={"frozen_until": "2027q1"})),
    "Trade.seller_shipments": (
        "trade.seller_shipments",
        tiny_raw(trade={"seller_shipments": [{"system": "gpu8", "units_per_period": [9], "expected_share": 0.1}]}),
    ),
    "Supply.discounts": (
        "supply.discounts",
        tiny_raw(supply={"discounts": [{"vendor": "acme", "from_usd": 1e6, "discount": 0.1}]}),
    ),
    "Supply.max_vendor_share": ("supply.max_vendor_share", tiny_raw(supply={"max_vendor_share": {"acme": 0.5}})),
    "System.lot": ("systems.gpu8.lot", gpu(lot=4)),
    "System.min_order": ("systems.gpu8.min_order", gpu(min_order=4)),
    "Rent.preemption_share": (
        "systems.gpu8.rent.preemption_share",
        gpu(rent={"usd_per_h": 20.0, "preemption_share": 0.1}),
    ),
    "Workload.min_sites": ("workloads.chat.min_sites", tiny_raw(workloads={"chat": {"min_sites": 2}})),
    "Site.cooling": ("sites.virginia.cooling", tiny_raw(sites={"virginia": {"cooling": {"max_kw": 900.0}}})),
    "Site.min_new_kw": ("sites.virginia.min_new_kw", tiny_raw(sites={"virginia": {"min_new_kw": 100.0}})),
    "Orbit.eclipse_hours": ("sites.leo.orbit.eclipse_hours", orbit(eclipse_hours=0.5)),
    "Orbit.downlink_gb_s": ("sites.leo.orbit.downlink_gb_s", orbit(downlink_gb_s=1.0)),
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
    """`residual: annuity` and `lot: null` say what holds anyway."""
    load_dict(merge(BASE, {"finance": {"residual": "annuity"}, "systems": {"gpu8": {"lot": None}}}))
