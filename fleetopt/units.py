"""Quantities: one canonical unit each, in files either a plain number in that unit or text such as "300 MW".

A quantity type is ``Annotated[float, Unit(...)]``; the canonical unit stands in the field's name too.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

_SI = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}


def _prefixed(base: str, canonical: float) -> dict[str, float]:
    """Symbols of ``base`` with SI prefixes, worth ``prefix / canonical`` canonical units."""
    return {prefix + base: worth / canonical for prefix, worth in _SI.items()}


def _per(top: dict[str, float], bottom: dict[str, float]) -> dict[str, float]:
    return {f"{a}/{b}": worth_a / worth_b for a, worth_a in top.items() for b, worth_b in bottom.items()}


def _scaled(units: dict[str, float], factor: float) -> dict[str, float]:
    return {symbol: worth * factor for symbol, worth in units.items()}


_BYTES = _prefixed("B", 1e9) | {f"{p}iB": 1024.0**n / 1e9 for n, p in enumerate("KMGTP", start=1)}
_BITS = _prefixed("b", 8e9) | _prefixed("bit", 8e9)
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SECONDS |= {"day": 86400.0, "days": 86400.0}
_DAYS = {"days": 1.0, "day": 1.0, "d": 1.0, "h": 1 / 24, "week": 7.0, "weeks": 7.0}
_MONTHS = {"months": 1.0, "month": 1.0, "quarter": 3.0, "quarters": 3.0, "years": 12.0, "year": 12.0, "y": 12.0}
_MONTHS |= {symbol: days * 12 / 365.25 for symbol, days in _DAYS.items() if symbol != "h"}
_MONEY = {"$": 1.0, "USD": 1.0}
_WATTS = _prefixed("W", 1e3)
_GRAMS = {"kg": 1.0, "g": 1e-3, "t": 1e3}
_RATES = {"/s": 1.0, "/min": 1 / 60, "/h": 1 / 3600, "/d": 1 / 86400}

#: Symbols each kind of quantity understands, with their worth in the canonical unit (the key).
KINDS: dict[str, dict[str, float]] = {
    "kW": _WATTS,
    "GB": _BYTES,
    "GB/s": _per(_BYTES | _BITS, {"s": 1.0}) | {"Gbps": 0.125, "Tbps": 125.0, "Mbps": 0.125e-3},
    "GB/s/TB": _per(_per(_BYTES, {"s": 1.0}), {"TB": 1.0, "GB": 1e-3, "PB": 1e3}),
    "TFLOPS": _prefixed("FLOPS", 1e12) | _prefixed("FLOP/s", 1e12) | _prefixed("OPS", 1e12),
    "FLOP": _prefixed("FLOP", 1.0),
    "USD": _MONEY,
    "s": _SECONDS,
    "ms": _scaled(_SECONDS, 1e3),
    "h": _scaled(_SECONDS, 1 / 3600),
    "days": _DAYS,
    "months": _MONTHS,
    "years": _scaled(_MONTHS, 1 / 12),
    "kg": _GRAMS,
    "m2": {"m2": 1.0, "cm2": 1e-4, "mm2": 1e-6},
    "mm2": {"mm2": 1.0, "cm2": 100.0, "m2": 1e6},
    "share": {"%": 0.01},
    "tokens": {"tokens": 1.0, "token": 1.0},
    "/s": _RATES | {f"{noun}{per}": worth for noun in ("requests", "turns") for per, worth in _RATES.items()},
    "USD/h": _per(_MONEY, {"h": 1.0, "d": 24.0, "month": 730.5, "year": 8766.0}),
    "USD/year": _per(_MONEY, {"year": 1.0, "y": 1.0, "month": 1 / 12, "quarter": 0.25}),
    "USD/kW": _per(_MONEY, _WATTS),
    "USD/kW/month": {k + "/month": v for k, v in _per(_MONEY, _WATTS).items()},
    "USD/kW/year": {k + "/year": v for k, v in _per(_MONEY, _WATTS).items()},
    "USD/MWh": _per(_MONEY, {"MWh": 1.0, "kWh": 1e-3, "GWh": 1e3}),
    "USD/GB": _per(_MONEY, _BYTES),
    "USD/GB/month": {k + "/month": v for k, v in _per(_MONEY, _BYTES).items()},
    "USD/kg": _per(_MONEY, _GRAMS),
    "USD/t": _per(_MONEY, {"t": 1.0, "kg": 1e-3}),
    "g/kWh": _per({"g": 1.0, "kg": 1e3}, {"kWh": 1.0, "MWh": 1e3}),
    "W/GB": _per(_prefixed("W", 1.0) | {"mW": 1e-3}, _BYTES),
    "W/m2": {"W/m2": 1.0, "kW/m2": 1e3},
    "kg/m2": {"kg/m2": 1.0, "g/m2": 1e-3},
    "kg/kW": {"kg/kW": 1.0},
    "kg/kWh": _per(_GRAMS, {"kWh": 1.0, "Wh": 1e-3}),
    "t": {"t": 1.0, "kg": 1e-3, "kt": 1e3, "Mt": 1e6},
    "K": {"K": 1.0},
}
_NAMES = {
    "kW": "a power",
    "GB": "a memory size",
    "GB/s": "a bandwidth",
    "TFLOPS": "a compute rate",
    "FLOP": "an amount of compute",
    "USD": "an amount of money",
    "s": "a time",
    "ms": "a time",
    "h": "a time",
    "days": "a time",
    "months": "a time",
    "years": "a time",
    "kg": "a mass",
    "t": "an amount of carbon",
    "m2": "an area",
    "mm2": "an area",
    "share": "a share",
    "tokens": "a number of tokens",
    "/s": "a rate",
    "K": "a temperature",
}
#: Letters that may stand after a number of money or tokens: "$30k", "128k tokens".
_MAGNITUDE = {"k": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "G": 1e9, "T": 1e12}
_NUMBER = r"(?P<number>[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_TEXT = re.compile(rf"(?P<currency>\$|USD )?\s*{_NUMBER}\s*(?P<rest>.*)", re.ASCII)
_MONEY_REST = re.compile(r"(?P<magnitude>bn|[kMBGT])?\s*(?P<unit>.*)", re.ASCII)


class QuantityError(ValueError):
    """Text that is not a quantity of the kind meant: what is wrong, and what to try."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


def parse_quantity(value: Any, kind: str) -> Any:
    """``value`` in the canonical unit of ``kind``; what is not text passes unchanged, for pydantic to judge.

    Raises QuantityError naming the units that would do where the text carries none of them.
    """
    if isinstance(value, bool):
        raise QuantityError(f"{str(value).lower()} is not {_name(kind)}", _examples(kind))
    if not isinstance(value, str):
        return value
    match = _TEXT.fullmatch(value.strip())
    if match is None:
        raise QuantityError(f"{value!r} is not {_name(kind)}", _examples(kind))
    number, unit = match["number"].replace("_", ""), match["rest"].strip()
    factor, unit = _split_magnitude(unit, kind, dollars=match["currency"] is not None)
    unit = unit.replace(" per ", "/").replace("per ", "/").replace(" / ", "/").replace(" /", "/")
    if unit == "":
        return _product(number, factor)
    if unit not in KINDS[kind]:
        raise _wrong_unit(value, unit, kind)
    return _product(number, factor * KINDS[kind][unit])


def _product(number: str, factor: float) -> float:
    """Decimal product, so that "10 us" is 1e-05 and not the float next to it."""
    plain = float(number)
    if not 1e-200 < abs(plain) < 1e200:
        return plain * factor
    return float(Decimal(number) * Decimal(repr(factor)))


def _split_magnitude(unit: str, kind: str, dollars: bool) -> tuple[float, str]:
    """Factor of a magnitude letter ("k" in "$30k", "128k tokens", "30k USD"), and the unit without it."""
    match = _MONEY_REST.fullmatch(unit)
    if match is None or not (dollars or kind == "tokens" or "USD" in unit):
        return 1.0, unit
    if match["magnitude"] is None or (kind == "tokens" and match["unit"] not in ("", "tokens")):
        return 1.0, "$" + unit if dollars else unit
    return _MAGNITUDE[match["magnitude"]], "$" + match["unit"] if dollars else match["unit"]


def _wrong_unit(value: str, unit: str, kind: str) -> QuantityError:
    if unit.startswith(","):
        return QuantityError(f"{value!r} has a thousands separator", f"try {value.replace(',', '')!r}")
    others = [_name(other) for other, symbols in KINDS.items() if unit in symbols]
    if others:
        return QuantityError(f"{value!r} is {others[0]}, where {_name(kind)} is meant", _examples(kind))
    return QuantityError(f"{value!r} has the unit {unit!r}, which is not {_name(kind)}", _examples(kind))


def _name(kind: str) -> str:
    return _NAMES.get(kind, f"a quantity in {kind}")


_COMMON: dict[str, tuple[str, ...]] = {
    "kW": ("kW", "MW", "GW"),
    "GB": ("GB", "TB", "GiB"),
    "GB/s": ("GB/s", "TB/s", "Gb/s"),
    "TFLOPS": ("TFLOPS", "PFLOPS"),
    "USD": ("$30k", "30000 USD"),
}


def _examples(kind: str) -> str:
    symbols = _COMMON.get(kind, tuple(KINDS[kind])[:3])
    plain = "a number from 0 to 1" if kind == "share" else f"a plain number in {kind}"
    return f"try {plain}, or text with {', '.join(symbols)}"


@dataclass(frozen=True)
class Unit:
    """A field's canonical unit and bounds; parses text, and shows both forms in the JSON Schema."""

    symbol: str
    ge: float | None = None
    gt: float | None = None
    le: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        number = core_schema.float_schema(ge=self.ge, gt=self.gt, le=self.le, allow_inf_nan=False)
        return core_schema.no_info_before_validator_function(lambda v: parse_quantity(v, self.symbol), number)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "string"}], "unit": self.symbol}


PowerKw = Annotated[float, Unit("kW", ge=0)]
MemoryGb = Annotated[float, Unit("GB", ge=0)]
BandwidthGbS = Annotated[float, Unit("GB/s", ge=0)]
BandwidthGbSPerTb = Annotated[float, Unit("GB/s/TB", ge=0)]
ComputeTflops = Annotated[float, Unit("TFLOPS", gt=0)]
Flop = Annotated[float, Unit("FLOP", gt=0)]
Usd = Annotated[float, Unit("USD", ge=0)]
Seconds = Annotated[float, Unit("s", ge=0)]
Milliseconds = Annotated[float, Unit("ms", ge=0)]
Hours = Annotated[float, Unit("h", ge=0)]
Days = Annotated[float, Unit("days", ge=0)]
Months = Annotated[float, Unit("months", ge=0)]
Years = Annotated[float, Unit("years", gt=0)]
MassKg = Annotated[float, Unit("kg", ge=0)]
AreaM2 = Annotated[float, Unit("m2", ge=0)]
AreaMm2 = Annotated[float, Unit("mm2", ge=0)]
Share = Annotated[float, Unit("share", ge=0, le=1)]
AnyShare = Annotated[float, Unit("share", gt=-1, le=100)]
Tokens = Annotated[float, Unit("tokens", ge=0)]
RatePerS = Annotated[float, Unit("/s", ge=0)]
UsdPerH = Annotated[float, Unit("USD/h", ge=0)]
UsdPerYear = Annotated[float, Unit("USD/year", ge=0)]
UsdPerKw = Annotated[float, Unit("USD/kW", ge=0)]
UsdPerKwMonth = Annotated[float, Unit("USD/kW/month", ge=0)]
UsdPerKwYear = Annotated[float, Unit("USD/kW/year", ge=0)]
UsdPerMwh = Annotated[float, Unit("USD/MWh", ge=0)]
UsdPerGb = Annotated[float, Unit("USD/GB", ge=0)]
UsdPerGbMonth = Annotated[float, Unit("USD/GB/month", ge=0)]
UsdPerKg = Annotated[float, Unit("USD/kg", ge=0)]
UsdPerT = Annotated[float, Unit("USD/t", ge=0)]
GramPerKwh = Annotated[float, Unit("g/kWh", ge=0)]
WattPerGb = Annotated[float, Unit("W/GB", ge=0)]
WattPerM2 = Annotated[float, Unit("W/m2", gt=0)]
KgPerM2 = Annotated[float, Unit("kg/m2", ge=0)]
KgPerKw = Annotated[float, Unit("kg/kW", ge=0)]
KgPerKwh = Annotated[float, Unit("kg/kWh", ge=0)]
Tonnes = Annotated[float, Unit("t", ge=0)]
Kelvin = Annotated[float, Unit("K", gt=0)]
Scale = Annotated[float, Field(ge=0, le=1e6)]
