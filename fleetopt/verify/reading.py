"""plan.json as typed data: exactly the fields of `fleetopt.plan.Plan`, every number finite and of its kind.

The rest of this room then works on a `Plan` and need not doubt what it holds.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from fleetopt.plan import Deployment, Plan
from fleetopt.verify.witness import Witness

SIGNED = frozenset({"objective_usd", "bound_usd", "gap", "cost_lines"})
"""Fields whose numbers may be negative."""


class Unreadable(Exception):
    """A value that is not what its field holds."""


def read_plan(data: object, witness: Witness) -> Plan | None:
    """The plan as written, or None with every misfit noted under `structure`."""
    witness.checks += 1
    found: Plan | None = _record(Plan, data, "plan", witness)
    return found if not witness.failures else None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _record(kind: Any, data: object, where: str, witness: Witness) -> Any:
    """A dataclass from a mapping with exactly its fields."""
    if not isinstance(data, Mapping):
        witness.fail("structure", (where,), f"expected a mapping, found {_short(data)}")
        return None
    known = {f.name: f for f in fields(kind)}
    for key in data:
        if key not in known:
            witness.fail("structure", (where,), f"unknown field {_short(key)}")
    hints, values = _hints(kind), {}
    for name, entry in known.items():
        if name in data:
            values[name] = _value(hints[name], data[name], f"{where}.{name}", witness, name in SIGNED)
        else:
            values[name] = None
            if not (kind is Plan and entry.default is None):
                witness.fail("structure", (where,), f"missing field {name!r}")
    return kind(**values)


def _value(kind: Any, value: object, where: str, witness: Witness, signed: bool) -> Any:
    """One value as the type its field is declared with."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple and inner[0] is Deployment:
        return _deployments(value, where, witness)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            witness.fail("structure", (where,), f"expected a list, found {_short(value)}")
            return ()
        return tuple(_value(inner[0], v, f"{where}[{n}]", witness, signed) for n, v in enumerate(value))
    if origin is not None and issubclass(origin if isinstance(origin, type) else object, Mapping):
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            witness.fail("structure", (where,), f"expected a mapping, found {_short(value)}")
            return {}
        return {key: _value(inner[1], v, f"{where}.{key}", witness, signed) for key, v in value.items()}
    if origin is UnionType or NoneType in inner:
        return None if value is None else _value(inner[0], value, where, witness, signed)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, value, where, witness)
    try:
        return _plain(kind, origin, inner, value, signed)
    except Unreadable as problem:
        witness.fail("structure", (where,), str(problem))
        return None


def _plain(kind: Any, origin: Any, inner: tuple[Any, ...], value: object, signed: bool) -> object:
    """A word, number or truth."""
    if kind is Any:
        return value
    if origin is Literal:
        if not isinstance(value, str) or value not in inner:
            raise Unreadable(f"expected one of {', '.join(map(repr, inner))}, found {_short(value)}")
        return value
    if kind in (str, bool):
        if not isinstance(value, kind):
            raise Unreadable(f"expected {'text' if kind is str else 'true or false'}, found {_short(value)}")
        return value
    return _number(kind, value, signed)


def _number(kind: Any, value: object, signed: bool) -> float | int:
    allowed = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise Unreadable(f"expected a {'whole ' if kind is int else ''}number, found {_short(value)}")
    if isinstance(value, int) and abs(value) > 2**63:
        raise Unreadable(f"expected a number of ordinary size, found {_short(value)}")
    if not math.isfinite(value):
        raise Unreadable(f"expected a finite number, found {value}")
    if value < 0 and not signed:
        raise Unreadable(f"expected a number of at least 0, found {value}")
    return value


def _deployments(value: object, where: str, witness: Witness) -> tuple[Any, ...]:
    """Deployments, keyed by id in the file."""
    if not isinstance(value, Mapping):
        witness.fail("structure", (where,), f"expected a mapping by id, found {_short(value)}")
        return ()
    found = []
    for key, body in value.items():
        if not isinstance(body, Mapping) or "id" in body:
            witness.fail("structure", (where, str(key)), "expected a deployment without a field 'id'")
        else:
            found.append(_record(Deployment, {"id": key, **body}, f"{where}.{key}", witness))
    return tuple(found)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
