"""Checks of how things are sold and rented: each bad instance gives the finding expected, at its path."""

from typing import Any

import pytest
from builders import SRAM, tiny_raw

from fleetopt.instance.checks import check
from fleetopt.instance.located import dotted
from fleetopt.instance.schema import Instance

Raw = dict[str, Any]


def said(raw: Raw, *, warning: bool) -> list[tuple[str, str]]:
    """Path and message of the findings, or the warnings, on a schema-valid instance."""
    return [(dotted(f.path, raw), f.message) for f in check(Instance.model_validate(raw)) if f.warning == warning]


def gpu(**fields: Any) -> Raw:
    return tiny_raw(systems={"gpu8": fields})


def unsold(**fields: Any) -> Raw:
    """... which is rented out and not sold."""
    return gpu(buyable=False, rent={"usd_per_h": 20.0}, **fields)


def discount(*steps: tuple[float, float], **fields: Any) -> Raw:
    """A discount of acme's with steps of (from_usd, discount)."""
    rising = [{"from_usd": from_usd, "discount": share} for from_usd, share in steps or [(1e6, 0.1)]]
    return {"id": "v", "vendor": "acme", "kind": "all_units", "steps": rising, **fields}


def discounted(*discounts: Raw, **sections: Any) -> Raw:
    return tiny_raw(supply={"discounts": list(discounts)}, **sections)


def spot(**fields: Any) -> Raw:
    """A rental class that is taken away four times a day for six hours in all, with half an hour to start again."""
    base = {"id": "spot", "usd_per_h": 5.0, "preemption_share": 0.25, "preemptions_per_day": 4.0, "restart_h": 0.5}
    return {**base, **fields}


WRONG = [
    (gpu(rental_classes=[spot(), spot()]), "systems.gpu8.rental_classes.spot.id", "given twice"),
    (gpu(rental_classes=[spot(restart_h=4.5)]), "systems.gpu8.rental_classes.spot.restart_h", "never work"),
    (
        gpu(rental_classes=[spot(preemption_share=1.0)]),
        "systems.gpu8.rental_classes.spot.preemption_share",
        "never work",
    ),
    (gpu(rent={"usd_per_h": 9.0, "preemption_share": 1.0}), "systems.gpu8.rent.preemption_share", "never work"),
    (discounted(discount(), discount()), "supply.discounts.v.id", "given twice"),
    (discounted(discount(vendor="acne")), "supply.discounts.v.vendor", "no vendor"),
    (discounted(discount(systems=["gpu9"])), "supply.discounts.v.systems.0", "no system"),
    (
        discounted(discount(systems=["wafer"]), systems={"wafer": SRAM}),
        "supply.discounts.v.systems.0",
        "not sold by acme",
    ),
    (discounted(discount((0.0, 0.0))), "supply.discounts.v.steps.0.discount", "takes nothing off"),
    (discounted(discount((1e6, 0.1), (1e6, 0.2))), "supply.discounts.v.steps.1.from_usd", "no more than"),
    (discounted(discount((1e6, 0.1), (2e6, 0.1))), "supply.discounts.v.steps.1.discount", "no more than"),
    (discounted(discount((1e6, 0.6)), discount((1e6, 0.5), id="w")), "supply.discounts.w", "more than all"),
    (
        discounted(discount(), systems={"gpu8": {"power_kw": 0.0}}),
        "systems.gpu8.power_kw",
        "a discount needs to know the most",
    ),
    (tiny_raw(supply={"max_vendor_share": {"acne": 0.5}}), "supply.max_vendor_share.acne", "no vendor"),
    (gpu(min_order=4, power_kw=0.0), "systems.gpu8.power_kw", "a least order needs to know the largest"),
]
WRONG += [
    (
        discounted(discount((1e6, 0.2), (2e6, 0.4)), systems={"gpu8": {"resale": {"first_share": 0.7}}}),
        "systems.gpu8.resale.first_share",
        "of which 0.6 was paid",
    ),
]
DOUBTFUL = [
    (gpu(rental_classes=[spot(preemptions_per_day=0.0)]), "systems.gpu8.rental_classes.spot.restart_h", "nothing is"),
    (
        discounted(discount(), systems={"gpu8": {"buyable": False, "rent": {"usd_per_h": 20.0}}}),
        "supply.discounts.v",
        "covers no system that is sold",
    ),
    (unsold(lot=4), "systems.gpu8.lot", "not sold"),
    (tiny_raw(supply={"max_vendor_share": {"acme": 0.5}}), "supply.max_vendor_share", "less than 1"),
    (
        tiny_raw(supply={"max_vendor_share": {"maker": 0.5}}, systems={"gpu8": {"chip": {"vendor": "maker"}}}),
        "supply.max_vendor_share.maker",
        "sells no system",
    ),
    (unsold(min_order=4), "systems.gpu8.min_order", "not sold"),
]
RIGHT = [
    discounted(discount((1e6, 0.4)), systems={"gpu8": {"resale": {"first_share": 0.6}}}),
    gpu(rental_classes=[spot(), spot(id="spot-2", restart_h=0.0)], rent={"usd_per_h": 20.0}),
    gpu(price={"buy_usd": None}, rental_classes=[spot()]),
    discounted(discount((0.0, 0.1), (1e6, 0.2), kind="incremental", window="year"), discount(id="w")),
    discounted(discount((1e6, 0.6)), discount((1e6, 0.5), id="w", enabled=False)),
    gpu(lot=4, min_order=6),
    gpu(min_order=1, power_kw=0.0),
    tiny_raw(supply={"max_vendor_share": {"acme": 1.0}}),
]


@pytest.mark.parametrize(("raw", "path", "message"), WRONG, ids=[path for _, path, _ in WRONG])
def test_what_cannot_be_meant_is_refused(raw: Raw, path: str, message: str) -> None:
    """One finding, at the field, that says what is wrong."""
    ((at, text),) = said(raw, warning=False)
    assert at == path and message in text


@pytest.mark.parametrize(("raw", "path", "message"), DOUBTFUL, ids=[path for _, path, _ in DOUBTFUL])
def test_what_says_nothing_is_a_warning(raw: Raw, path: str, message: str) -> None:
    """One warning, at the field."""
    ((at, text),) = said(raw, warning=True)
    assert at == path and message in text


@pytest.mark.parametrize("raw", RIGHT)
def test_what_is_well_said_passes(raw: Raw) -> None:
    """No finding and no warning."""
    assert said(raw, warning=False) == said(raw, warning=True) == []
