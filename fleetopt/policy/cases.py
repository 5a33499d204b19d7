"""Chips to classify, from a file: a list of cases, or one under `worked_examples`; all findings at once.

A figure that is null or absent is not known; 0 says that the part has none. Fields that are not read are passed over
with a warning, so that a file may carry its own notes and expectations.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from fleetopt.errors import InputError, Issue
from fleetopt.instance.located import Finding, Path, issues
from fleetopt.instance.strict_yaml import read_file
from fleetopt.instance.suggest import closest
from fleetopt.policy.part import ZERO, Part, Rate, density, highest, set_by
from fleetopt.policy.spans import Span, exact, figure

KEY = "worked_examples"
FIGURES = ("applicable_die_area_mm2", "io_bandwidth_gb_s", "dram_bandwidth_gb_s", "tpp", "performance_density")
TABLES = ("dense_tops", "bits")
FLAGS = ("datacentre", "us_available")
TEXTS = ("chip", "vendor", "origin")
OWN_NOTES = (
    "tpp_by_precision", "tpp_set_by", "die_area_basis", "computed", "publicly_stated", "source", "confidence", "note",
    "notes", "name", "id", "date",
)  # fmt: skip
READ = (*TEXTS, *TABLES, *FIGURES, *FLAGS, "dies", "memory_stack")
MOST = 1e12
_BITS = re.compile(r"(?:fp|bf|tf|u?int)(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cases:
    """The parts in the order of the file, and what was passed over."""

    parts: tuple[Part, ...]
    warnings: tuple[Issue, ...]


def read_cases(path: FilePath) -> Cases:
    """The cases of a file. Raises InputError with every finding."""
    document = read_file(path, str(path))
    at, listed = ((), document.data) if isinstance(document.data, list) else ((KEY,), _under_key(document.data))
    found: list[Finding] = list(document.findings)
    if not isinstance(listed, list):
        message, hint = "no list of cases", f"try a list of chips, or one under `{KEY}`"
        raise InputError(issues([*found, Finding((), message, hint)], document.data, document.lines))
    if not listed:
        found.append(Finding(at, "the list of cases is empty", "try a case with `chip` and `dense_tops`"))
    for n, case in enumerate(listed):
        found += _findings((*at, n), case)
    errors = [f for f in found if not f.warning]
    if errors:
        raise InputError(issues(errors, document.data, document.lines))
    warnings = issues([f for f in found if f.warning], document.data, document.lines)
    return Cases(tuple(part_from(case) for case in listed), warnings)


def part_from(case: dict[str, Any]) -> Part:
    """A checked case as a part."""
    rates = _dense(case)
    tpp = _tpp(case, rates)
    area = _area_mm2(case)
    given = case.get("performance_density")
    per_mm2 = figure(given, "performance_density") if area is None and given is not None else density(tpp, area)
    name = str(case["chip"])
    return Part(
        name=name,
        tpp=tpp,
        density=per_mm2,
        io_gb_s=figure(case.get("io_bandwidth_gb_s"), "io_bandwidth_gb_s"),
        dram_gb_s=figure(case.get("dram_bandwidth_gb_s"), "dram_bandwidth_gb_s"),
        memory_density=_memory_density(case.get("memory_stack")),
        datacentre=case.get("datacentre"),
        us_available=case.get("us_available", True),
        vendor=str(case.get("vendor") or name.split()[0]),
        origin=str(case.get("origin") or "US"),
        tpp_from=set_by(rates),
    )


def _under_key(data: Any) -> Any:
    return data.get(KEY) if isinstance(data, dict) else None


def _dense(case: dict[str, Any]) -> list[Rate]:
    """Its dense rates; bits as given, else by the name of the format."""
    bits = case.get("bits") or {}
    rates = (case.get("dense_tops") or {}).items()
    return [Rate(name, tops, bits.get(name, _bits_of(name))) for name, tops in rates if "sparse" not in name.lower()]


def _tpp(case: dict[str, Any], rates: list[Rate]) -> Span:
    """From the dense rates; from `tpp` where there are none; a memory stack sold apart computes nothing."""
    if rates:
        return highest(rates)
    if case.get("memory_stack") is not None and case.get("tpp") is None:
        return ZERO
    return figure(case.get("tpp"), "dense_tops")


def _bits_of(format_: str) -> float | None:
    """Bits of a format by its name: `fp8`, `nvfp4_train`, `int8`; tf32 is taken as 32."""
    found = _BITS.search(format_)
    return float(found[1]) if found else None


def _area_mm2(case: dict[str, Any]) -> float | None:
    """Applicable die area: as given, else the non-planar logic dies together."""
    if case.get("applicable_die_area_mm2") is not None or not case.get("dies"):
        return case.get("applicable_die_area_mm2")
    counted = [die for die in case["dies"] if die.get("non_planar", True)]
    if any(die.get("area_mm2") is None for die in counted):
        return None
    return float(sum(exact(die["area_mm2"]) * die.get("count", 1) for die in counted))


def _memory_density(stack: dict[str, Any] | None) -> Span:
    """Bandwidth over area of a stack sold apart; 0 where the part is none."""
    if stack is None:
        return ZERO
    bandwidth = figure(stack.get("bandwidth_gb_s"), "memory_stack.bandwidth_gb_s")
    return density(bandwidth, stack.get("area_mm2"), "memory_stack.area_mm2")


def _findings(at: Path, case: Any) -> Iterator[Finding]:
    if not isinstance(case, dict):
        yield Finding(at, "a case is fields with values", "try `chip: NAME` and its figures")
        return
    if not isinstance(case.get("chip"), str) or not case["chip"].strip():
        yield Finding((*at, "chip") if "chip" in case else at, "a case needs the name of its chip", "try `chip: NAME`")
    for name in (name for name in case if name not in READ and name not in OWN_NOTES):
        meant = closest(name, READ)
        yield Finding((*at, name), "this field is not read", f"did you mean {meant!r}?" if meant else "", warning=True)
    for name in FIGURES:
        yield from _number((*at, name), case.get(name))
    for name in FLAGS:
        if case.get(name) is not None and not isinstance(case[name], bool):
            yield Finding((*at, name), f"{case[name]!r} is neither true nor false", "try true, false or null")
    for name in ("vendor", "origin"):
        if case.get(name) is not None and not isinstance(case[name], str):
            yield Finding((*at, name), f"{case[name]!r} is not text", "try text, or leave it out")
    yield from _rates(at, case)
    yield from _parts((*at, "dies"), case.get("dies"), ("area_mm2", "count"), ("non_planar",))
    if case.get("memory_stack") is not None:
        yield from _parts((*at, "memory_stack"), [case["memory_stack"]], ("bandwidth_gb_s", "area_mm2"), ())


def _rates(at: Path, case: dict[str, Any]) -> Iterator[Finding]:
    tables: dict[str, dict[str, Any]] = {}
    for name in TABLES:
        table = case.get(name)
        if table is None:
            continue
        if not isinstance(table, dict):
            yield Finding((*at, name), "a value for each format is meant", "try `bf16: 400` below it")
            continue
        tables[name] = table
        for format_, value in table.items():
            yield from _number((*at, name, format_), value)
    bits = tables.get("bits", {})
    for format_, tops in tables.get("dense_tops", {}).items():
        sparse = "sparse" in format_.lower()
        if format_ not in bits and _bits_of(format_) is None and tops is not None and not sparse:
            message = f"how many bits {format_!r} has is not said"
            yield Finding((*at, "dense_tops", format_), message, f"try `bits: {{{format_}: 8}}`")
        if sparse:
            message = "a sparse rate does not count and is left out"
            yield Finding((*at, "dense_tops", format_), message, "try the dense rate", warning=True)
    for format_ in (f for f in bits if f not in tables.get("dense_tops", {})):
        yield Finding((*at, "bits", format_), f"dense_tops has no {format_!r}", "try its dense rate, or null")


def _parts(at: Path, listed: Any, numbers: tuple[str, ...], flags: tuple[str, ...]) -> Iterator[Finding]:
    if listed is None:
        return
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        yield Finding(at, f"{', '.join((*numbers, *flags))} are meant here", "try `area_mm2: 800`")
        return
    for n, item in enumerate(listed):
        here = at if at[-1] == "memory_stack" else (*at, n)
        for name, value in item.items():
            if name in numbers:
                yield from _number((*here, name), value)
            elif name not in flags or not isinstance(value, bool):
                yield Finding((*here, name), "this is not read here", f"try {', '.join((*numbers, *flags))}")


def _number(at: Path, value: Any) -> Iterator[Finding]:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Finding(at, f"{value!r} is not a number", "try a number, null for not known, 0 for none")
    elif not 0 <= value <= MOST:
        yield Finding(at, f"{value:g} is out of range", "try a number of 0 or more")
