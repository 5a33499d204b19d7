"""Checks of how things are sold and rented: each bad instance gives the finding expected, at its path."""

from typing import Any

import pytest
from builders import tiny_raw

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


WRONG = [
    (tiny_raw(supply={"max_vendor_share": {"acne": 0.5}}), "supply.max_vendor_share.acne", "no vendor"),
    (gpu(min_order=4, power_kw=0.0), "systems.gpu8.power_kw", "a least order needs to know the largest"),
]
DOUBTFUL = [
    (unsold(lot=4), "systems.gpu8.lot", "not sold"),
    (tiny_raw(supply={"max_vendor_share": {"acme": 0.5}}), "supply.max_vendor_share", "less than 1"),
    (unsold(min_order=4), "systems.gpu8.min_order", "not sold"),
]
RIGHT = [gpu(lot=4, min_order=6), gpu(min_order=1, power_kw=0.0), tiny_raw(supply={"max_vendor_share": {"acme": 1.0}})]


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
