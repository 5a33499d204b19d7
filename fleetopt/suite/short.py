"""Facts in a few words, as the command line takes them: `cs-3`, `cs-3 for chat`, `orbit for agents over 20%`."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from fleetopt.errors import UsageError
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.suite.look import ChipMemory, Kind, Look
from fleetopt.units import QuantityError, parse_quantity

_JOINTS = {"for": "workload", "at": "site", "from": "vendor", "over": "share"}
_WORD = re.compile(r"\s+(for|at|from|over)\s+")
_BEFORE = re.compile(r"before ((?:19|20)\d\d)")
_DOING = {"bought": ("acquisition", "buy"), "rented": ("acquisition", "rent")}


def look_of(text: str, instance: Instance) -> Look:
    """What is looked for: `cs-3`, `any wafer for chat`, `HBM at oslo`, `before 2024`, `cs-3 for chat over 20%`.

    A thing is a name of the instance (system, tier, source, site, vendor) or a kind of system, chip memory, place or
    stage, with `any` before it only the latter; `for`, `at`, `from` and `over` say workload, site, vendor and share.

    Raises UsageError for words that mean nothing.
    """
    first, *rest = _WORD.split(text.strip())
    found: dict[str, Any] = {}
    if first not in ("", "any", "anything"):
        found |= _thing(first.strip(), instance)
    for joint, value in zip(rest[::2], rest[1::2], strict=True):
        field = _JOINTS[joint]
        if field in found:
            raise UsageError(f"{text!r} says {field} twice; try one of them")
        found[field] = _share(value) if field == "share" else value.strip()
    try:
        return Look.model_validate(found).among(instance)
    except ValueError as problem:
        errors = getattr(problem, "errors", None)
        said = errors()[0]["msg"].removeprefix("Value error, ") if errors else str(problem)
        raise UsageError(f"{text!r}: {said}") from None


def _thing(word: str, instance: Instance) -> Mapping[str, Any]:
    """The field that a word is a value of."""
    names = {
        "system": [s.id for s in instance.systems],
        "tier": [m.id for m in instance.memory],
        "source": ["lease", *(e.id for s in instance.sites for e in s.power.sources)],
        "site": [s.id for s in instance.sites],
        "vendor": [s.vendor for s in instance.systems],
        "kind": list(get_args(Kind)),
        "chip_memory": list(get_args(ChipMemory)),
        "place": ["orbit", "ground"],
        "stage": ["prefill", "decode", "aggregated"],
    }
    kinds = ("kind", "chip_memory", "place", "stage")
    for field, known in names.items():
        plain = word.removeprefix("any ")
        if plain in known and (plain == word or field in kinds):
            return {field: plain}
    if word in _DOING:
        field, value = _DOING[word]
        return {field: value}
    if said := _BEFORE.fullmatch(word):
        return {"launched_before": int(said[1])}
    hint = did_you_mean(word, [name for known in names.values() for name in known])
    raise UsageError(f"{word!r} is nothing of this instance; {hint}")


def _share(text: str) -> float:
    try:
        value = parse_quantity(text.strip(), "share")
    except QuantityError as problem:
        raise UsageError(f"over {text!r}: {problem}") from None
    return float(value)
