"""Ways to spoil an instance: its bytes, its words, its lines, its structure, and overrides of it.

Everything is drawn from a `Random`, so a seed is a case.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Path = tuple[str | int, ...]

WORDS = (
    "", "~", "null", "true", "no", "-1", "0", "-0.0", "1e999", "-1e308", "1e-320", ".nan", ".inf", "0x1f", "010",
    "12:30", "1_000", "9" * 400, "1" * 30, "2027q5", "2027", "0000q1", "9999q4", "2027Q1", "10 parsecs", "300 MW",
    "-5 kW", "50 %", "1e400 kW", "$", "$1e9999", "kW", "[]", "{}", "[[]]", "[1", "{a: ", "'", '"', "'unclosed",
    "*a", "&a 1", "!!python/none x", "!x y", "<<: {}", "? a", "- - -", "|", ">-", "%YAML 1.1", "---", "...", "#",
    "@", "`", "\t", "\u00a0", "\u2028", "\ufeff", "\x00", "\x1b[31m", "[red]", "\ud7ff", "\U0001f600", "e\u0301",
    "../../etc/passwd", "/dev/zero", "nvidia-h100", "virginia", "x" * 70, "é", "*", "a.b.c", "..", "=", "id",
    "inherit", "include", "csv",
)  # fmt: skip
"""What may stand anywhere in a text."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63, 10**400, 0.5, -0.0, 1e308, 1e-320, float("nan"), float("inf"), "", "x",
    "0", "1e6", "300 MW", "50 %", "2027q1", "2027", "virginia", "a" * 5000, "\x00", "\n", [], {}, [[]], [{}],
    {"": None}, {"id": "x"}, {"id": 1}, {"id": None}, ["x"], [None], {"inherit": "nvidia-h100"}, {"inherit": []},
    {"csv": "demand.csv"}, {1: 2}, {"csv": 3}, (), b"bytes",
)  # fmt: skip
"""What may stand anywhere in plain data."""

_TOKEN = re.compile(r"[\w.$%-]+|\S|\s+")


def bytes_of(raw: bytes, draw: Random) -> bytes:
    """A few bytes flipped, taken out, put in, or a stretch of them moved."""
    data = bytearray(raw)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        at = draw.randrange(len(data) + 1)
        to = min(len(data), at + draw.choice((1, 1, 3, 40, 400)))
        way = draw.randrange(5)
        if way == 0 and at < len(data):
            data[at] ^= 1 << draw.randrange(8)
        elif way == 1:
            del data[at:to]
        elif way == 2:
            data[at:at] = bytes(draw.randrange(256) for _ in range(draw.choice((1, 2, 8))))
        elif way == 3:
            data[at:at] = data[at:to]
        else:
            stretch = data[at:to]
            del data[at:to]
            again = draw.randrange(len(data) + 1)
            data[again:again] = stretch
    return bytes(data)


def words_of(raw: bytes, draw: Random) -> bytes:
    """A few words replaced by strange ones or by words from elsewhere in the text."""
    tokens = _TOKEN.findall(raw.decode("utf-8", "replace"))
    for _ in range(draw.choice((1, 1, 2, 5))):
        at = draw.randrange(len(tokens) or 1)
        new = draw.choice(WORDS) if draw.random() < 0.6 or not tokens else draw.choice(tokens)
        tokens[at : at + 1] = [new] if draw.random() < 0.8 else [new, *tokens[at : at + 1]]
    return "".join(tokens).encode("utf-8", "surrogatepass")


def lines_of(raw: bytes, draw: Random) -> bytes:
    """A few lines left out, written twice, moved, or indented differently."""
    lines = raw.decode("utf-8", "replace").split("\n")
    for _ in range(draw.choice((1, 1, 2, 5))):
        at = draw.randrange(len(lines))
        way = draw.randrange(5)
        if way == 0:
            del lines[at : at + draw.choice((1, 1, 4))]
        elif way == 1:
            lines.insert(draw.randrange(len(lines) + 1), lines[at])
        elif way == 2:
            lines.insert(draw.randrange(len(lines)), lines.pop(at))
        elif way == 3:
            lines[at] = " " * draw.randrange(8) + lines[at].lstrip()
        else:
            lines[at] = lines[at].split(":")[0] + ": " + draw.choice(WORDS)
        lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def structure_of(data: Any, draw: Random) -> Any:
    """Plain data with a few places in it emptied, replaced, renamed, doubled, swapped or buried deeper."""
    data = copy.deepcopy(data)
    for _ in range(draw.choice((1, 1, 2, 4))):
        paths = [path for path in places(data) if path]
        if not paths:
            return draw.choice(VALUES)
        path = draw.choice(paths)
        parent, key = at(data, path[:-1]), path[-1]
        _WAYS[draw.randrange(len(_WAYS))](data, parent, key, draw)
    return data


def _replace(data: Any, parent: Any, key: Any, draw: Random) -> None:
    parent[key] = copy.deepcopy(draw.choice(VALUES))


def _drop(data: Any, parent: Any, key: Any, draw: Random) -> None:
    del parent[key]


def _double(data: Any, parent: Any, key: Any, draw: Random) -> None:
    if isinstance(parent, list):
        parent.insert(draw.randrange(len(parent) + 1), copy.deepcopy(parent[key]))
    else:
        parent[draw.choice((f"{key}x", draw.choice(WORDS), "id", 7))] = copy.deepcopy(parent[key])


def _bury(data: Any, parent: Any, key: Any, draw: Random) -> None:
    for _ in range(draw.choice((1, 2, 60))):
        parent[key] = [parent[key]] if draw.random() < 0.5 else {draw.choice(("id", "a", "price")): parent[key]}


def _transplant(data: Any, parent: Any, key: Any, draw: Random) -> None:
    parent[key] = copy.deepcopy(at(data, draw.choice([path for path in places(data) if path])))


def _nudge(data: Any, parent: Any, key: Any, draw: Random) -> None:
    value = parent[key]
    if isinstance(value, int | float):
        parent[key] = draw.choice((value * 0, -value, value * 1e12, value / 1e12, value + 1, str(value), [value]))
    elif isinstance(value, str):
        parent[key] = draw.choice((value.upper(), value + "x", value * 50, value[:1], value[::-1], value + "\n"))


_WAYS: tuple[Callable[[Any, Any, Any, Random], None], ...] = (
    _replace,
    _drop,
    _double,
    _bury,
    _transplant,
    _nudge,
    _nudge,
)


def places(data: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in plain data; what is buried deep is left to the reader's own bound."""
    yield path
    if len(path) < 30 and isinstance(data, dict | list):
        for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
            yield from places(value, (*path, key))


def at(data: Any, path: Path) -> Any:
    """The value at a path."""
    for key in path:
        data = data[key]
    return data


def overrides_of(data: Any, draw: Random) -> list[str]:
    """A few `PATH=VALUE`, most of them near something that exists."""
    found = []
    paths = [path for path in places(data) if path]
    for _ in range(draw.choice((1, 1, 2, 4))):
        path = draw.choice(paths)
        steps = [_label(data, path[:end]) for end in range(1, len(path) + 1)]
        if draw.random() < 0.2:
            steps[draw.randrange(len(steps))] = draw.choice(("*", *WORDS))
        if draw.random() < 0.1:
            steps.insert(draw.randrange(len(steps) + 1), draw.choice(("price", "scale", "power", "*", "id", "0")))
        now = json.dumps(at(data, path), default=str)
        value = draw.choice(
            (draw.choice(WORDS), str(draw.choice(VALUES)), draw.choice(("1", "0.5", "2", "true")), now, now)
        )
        found.append(draw.choice((*"....", "..")).join(steps) + draw.choice((*"=====", "==", "")) + value)
    return found


def _label(data: Any, path: Path) -> str:
    """A step of a path as overrides write it: a list item by its id."""
    value, key = at(data, path), path[-1]
    return str(value["id"]) if isinstance(key, int) and isinstance(value, dict) and "id" in value else str(key)
