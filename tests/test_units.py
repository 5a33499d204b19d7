"""Quantities: text with units, and what is refused."""

import contextlib
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from fleetopt.units import KINDS, BandwidthGbS, PowerKw, QuantityError, Share, parse_quantity

GOOD = [
    ("300 MW", "kW", 300_000.0),
    ("700W", "kW", 0.7),
    ("21 PB/s", "GB/s", 21_000_000.0),
    ("400 Gb/s", "GB/s", 50.0),
    ("80 GiB", "GB", 85.89934592),
    ("$30k", "USD", 30_000.0),
    ("$ 1.5 bn", "USD", 1.5e9),
    ("30k USD", "USD", 30_000.0),
    ("USD 30000", "USD", 30_000.0),
    ("128k tokens", "tokens", 128_000.0),
    ("15T", "tokens", 15e12),
    ("50 ms", "s", 0.05),
    ("10 us", "s", 1e-5),
    ("40 %", "share", 0.4),
    ("18 months", "years", 1.5),
    ("2 quarters", "months", 6.0),
    ("$0.06/kWh", "USD/MWh", 60.0),
    ("$12k per kW", "USD/kW", 12_000.0),
    ("$1.2M/MW", "USD/kW", 1_200.0),
    ("372 mW/GB", "W/GB", 0.372),
    ("0.4 kg/kWh", "g/kWh", 400.0),
    ("12 requests/s", "/s", 12.0),
    ("990 TFLOPS", "TFLOPS", 990.0),
    ("1 PFLOP/s", "TFLOPS", 1_000.0),
    ("350 MB/s/TB", "GB/s/TB", 0.35),
    ("1_000", "kW", 1_000.0),
    ("1e6", "kW", 1e6),
]
BAD = [
    ("21 PB/s", "GB", "is a bandwidth, where a memory size is meant"),
    ("80 GB", "GB/s", "is a memory size, where a bandwidth is meant"),
    ("300 MW", "USD", "is a power, where an amount of money is meant"),
    ("80 furlongs", "GB", "has the unit 'furlongs', which is not a memory size"),
    ("1,000 kW", "kW", "has a thousands separator"),
    ("many", "kW", "is not a power"),
    ("", "kW", "is not a power"),
    ("nan", "kW", "is not a power"),
    ("€30", "USD", "is not an amount of money"),
    ("300 mW", "kW", "has the unit 'mW'"),
]


class Quantities(BaseModel):
    """One field of each sort of bound."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    power_kw: PowerKw = 0.0
    link: BandwidthGbS | None = None
    share: Share = 0.0


@pytest.mark.parametrize(("text", "kind", "value"), GOOD)
def test_text_is_read_in_the_canonical_unit(text: str, kind: str, value: float) -> None:
    """Each text is worth the number beside it, exactly (300 MW = 300,000 kW)."""
    assert parse_quantity(text, kind) == value


@pytest.mark.parametrize(("text", "kind", "message"), BAD)
def test_a_wrong_unit_is_refused_with_what_it_is(text: str, kind: str, message: str) -> None:
    """The message says what the text is and what is meant, the hint what to try."""
    with pytest.raises(QuantityError, match=re.escape(message)) as caught:
        parse_quantity(text, kind)
    assert caught.value.hint.startswith("try ")


def test_numbers_pass_unchanged_and_truth_values_do_not() -> None:
    """A number is in the canonical unit already; true is no number."""
    assert parse_quantity(7, "kW") == 7
    with pytest.raises(QuantityError, match="true is not a power"):
        parse_quantity(True, "kW")


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "1e999", True])
def test_negative_and_infinite_quantities_are_refused(value: object) -> None:
    """A field refuses what lies outside its bounds, and anything that is not finite."""
    with pytest.raises(ValidationError):
        Quantities.model_validate({"power_kw": value})


def test_optional_quantities_are_read_too() -> None:
    """A quantity or nothing reads text like a plain one."""
    assert Quantities.model_validate({"link": "1 TB/s"}).link == 1000.0


def test_the_json_schema_shows_unit_bounds_and_both_forms() -> None:
    """Editors learn that a share is a number from 0 to 1 or text."""
    share = Quantities.model_json_schema()["properties"]["share"]
    assert share["unit"] == "share"
    assert share["anyOf"] == [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string"}]


@given(st.floats(0, 1e15), st.sampled_from(sorted(KINDS)), st.data())
def test_a_number_with_any_known_unit_scales_by_its_worth(number: float, kind: str, data: st.DataObject) -> None:
    """Text is the number times the unit's worth, whatever the unit."""
    symbol = data.draw(st.sampled_from(sorted(KINDS[kind])))
    text = f"{number!r} {symbol}"
    if symbol.startswith("$"):
        text = f"${number!r} {symbol[1:]}"
    assert parse_quantity(text, kind) == pytest.approx(number * KINDS[kind][symbol], rel=1e-12)


@given(st.text(max_size=30), st.sampled_from(sorted(KINDS)))
def test_any_text_is_a_quantity_or_a_quantity_error(text: str, kind: str) -> None:
    """Nothing but QuantityError ever comes out of reading text."""
    with contextlib.suppress(QuantityError):
        assert isinstance(parse_quantity(text, kind), float)
