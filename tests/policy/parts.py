"""Parts for tests of the export rules, and the published chips that the facts classify."""

from dataclasses import replace
from typing import Any

from fleetopt.policy.classes import classify
from fleetopt.policy.part import Part, density
from fleetopt.policy.spans import figure

_ROWS = """
NVIDIA A100 SXM 80GB  |    4992    826  600 2039 | yes | 3A090 3A090.a case_by_case none
NVIDIA A800 SXM 80GB  |    4992    826  400 2039 | yes | none 3A090.a case_by_case none
NVIDIA H100 SXM       |   15832    814  900 3350 | yes | 3A090 3A090.a case_by_case none
NVIDIA H800 SXM       |   15832    814  400 3350 | yes | none 3A090.a case_by_case none
NVIDIA H200 SXM       |   15832    814  900 4800 | yes | 3A090 3A090.a case_by_case band_1
NVIDIA H20 SXM 96GB   |    2368    814  900 4000 | yes | none none not_applicable none
NVIDIA L40S           |    5864  608.5   64  864 | yes | none 3A090.a case_by_case none
NVIDIA L40            |    2896  608.5   64  864 | yes | none 3A090.b NAC none
NVIDIA L20            |    1912  608.5   64  864 | yes | none none not_applicable none
NVIDIA RTX 4090       |  5284.8  608.5   64 1008 | no  | none 3A090.a NAC none
NVIDIA RTX 4090D      |  4706.4  608.5   64 1008 | no  | none none not_applicable none
NVIDIA B200           |   36000   1628 1800 7700 | yes | 3A090 3A090.a presumption_of_denial none
AMD MI300X            | 20919.2   1017  896 5300 | yes | 3A090 3A090.a case_by_case none
Intel Gaudi 3         |   26832      - 1200 3700 | yes | 3A090 3A090.a presumption_of_denial none
Huawei Ascend 910B    |    5120    665  392 1600 | yes | none 3A090.a case_by_case none
Cerebras WSE-3        |  200000  46225    -    0 | yes | unknown 3A090.a presumption_of_denial none
"""
"""TPP, applicable area in mm2, I/O and DRAM in GB/s (- is not known) | for data centres | answers by `ANSWERS`.

Figures: s-w-kelly/chip-export-controls@d813a66, airensurzyn/export-control-threshold-analysis@1790e68, vendors' sheets.
"""
ANSWERS = ("rule_2022_10", "rule_2023_10", "rule_2026_01_china", "tariff_band_2026_01")


def _row(line: str) -> tuple[str, tuple[dict[str, Any], tuple[str, ...]]]:
    name, figures, purpose, expected = (part.strip() for part in line.split("|"))
    numbers = [None if word == "-" else float(word) for word in figures.split()]
    given = dict(zip(("tpp", "area", "io", "dram"), numbers, strict=True))
    return name, ({**given, "datacentre": purpose == "yes"}, tuple(expected.split()))


PUBLISHED = dict(map(_row, _ROWS.strip().splitlines()))
"""Figures and answers of published chips, by name."""


def part(
    tpp: float | None = 16000,
    area: float | None = 800,
    io: float | None = 900,
    dram: float | None = 3000,
    datacentre: bool | None = True,
    name: str = "chip",
    **more: Any,
) -> Part:
    """A part by its figures; None is not known."""
    span = figure(tpp, "tpp")
    return Part(name, span, density(span, area), figure(io, "io"), figure(dram, "dram"), datacentre=datacentre, **more)


def with_density(tpp: float, per_mm2: str) -> Part:
    """A part of exactly that density."""
    return replace(part(tpp), density=figure(float(per_mm2), "density"))


def answers(of: Part) -> tuple[str, ...]:
    """Values by `ANSWERS`."""
    found = classify(of).outcomes
    return tuple(found[name].value for name in ANSWERS)
