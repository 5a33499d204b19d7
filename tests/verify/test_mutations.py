"""One figure, word or entry changed anywhere in plan.json is caught, in a plan with something of everything."""

import copy
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from everything import found, rich_instance, rich_plan

from fleetopt.instance.dump import dump_resolved
from fleetopt.plan import Plan
from fleetopt.verify import origins, verify_plan

pytestmark = pytest.mark.once

Path = tuple[str | int, ...]


def leaves(data: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of all words, numbers and truths."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from leaves(value, (*path, number))
    else:
        yield path


def containers(data: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of all lists and mappings."""
    if isinstance(data, dict | list):
        yield path
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from containers(value, (*path, key))


def at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def changed(plan: Any, path: Path, value: Any) -> Any:
    """The plan with one leaf changed; only the way down to it is copied."""
    if not path:
        return value
    copied = copy.copy(plan)
    copied[path[0]] = changed(plan[path[0]], path[1:], value)
    return copied


def variants(value: Any) -> list[Any]:
    """What a leaf might be changed to."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [v for v in (value * 1.001, value + 1) if v != value]
    if isinstance(value, str):
        return [value + "x"]
    return [1.0]


@cache
def _text() -> str:
    return dump_resolved(rich_instance())


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """The instance's text for its hash is written once, not once a mutation."""
    monkeypatch.setattr(origins, "dump_resolved", lambda _: _text())


def accepted(plan: Any) -> bool:
    return verify_plan(rich_instance(), plan, found=found(), sealed=True).passed


def missed(mutants: Iterator[tuple[str, Any]]) -> list[str]:
    """Names of the changed plans that pass."""
    return [name for name, plan in mutants if accepted(plan)]


def test_the_plan_itself_is_accepted() -> None:
    """The plan as solved passes, its own verification included."""
    assert accepted(rich_plan())


def test_the_plan_has_something_of_everything() -> None:
    """No list of the plan is empty and no cost line is nought, or the tests below would not try them."""
    plan = rich_plan()
    assert [key for key, value in plan.items() if value in ([], {})] == []
    assert [name for name, usd in plan["cost_lines"].items() if usd == 0] == []


SECTIONS = [f.name for f in fields(Plan)]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_changed_leaf_is_caught(section: str) -> None:
    """Each number times 1.001, each word a letter longer, each truth turned round: none passes."""
    plan = rich_plan()
    mutants = (
        (f"{path}", changed(plan, path, variants(at(plan, path))[0])) for path in leaves(plan[section], (section,))
    )
    assert missed(mutants) == []


def firsts(paths: Iterator[Path], most: int = 2) -> Iterator[Path]:
    """The first few of each kind: paths that differ only in list positions and in ids are of one kind."""
    seen: dict[Path, int] = defaultdict(int)
    for path in paths:
        kind = tuple(key for key in path if isinstance(key, str) and "." not in key)
        seen[kind] += 1
        if seen[kind] <= most:
            yield path


def test_every_kind_of_figure_plus_one_is_caught() -> None:
    """The first two of each kind of number plus 1: none passes."""
    plan = rich_plan()
    paths = [path for path in firsts(leaves(plan)) if len(variants(at(plan, path))) > 1]
    assert missed((f"{path}", changed(plan, path, variants(at(plan, path))[1])) for path in paths) == []


def test_every_dropped_or_doubled_entry_is_caught() -> None:
    """Each entry of each list left out, or there twice: none passes."""
    plan = rich_plan()

    def mutants() -> Iterator[tuple[str, Any]]:
        for path in containers(plan):
            items = at(plan, path)
            if isinstance(items, list):
                for n, item in enumerate(items):
                    yield f"{path} without {n}", changed(plan, path, items[:n] + items[n + 1 :])
                    yield f"{path} with {n} twice", changed(plan, path, [*items, item])

    assert missed(mutants()) == []


def kinds(plan: Any, most: int) -> Iterator[tuple[Path, Any]]:
    """The first few leaves of each kind, with their values."""
    for path in firsts(leaves(plan), most):
        yield path, at(plan, path)


def test_every_kind_of_figure_negated_emptied_or_barely_changed_is_caught() -> None:
    """The first two of each kind of number with its sign turned, made 0, or a millionth larger: none passes."""
    plan = rich_plan()

    def mutants() -> Iterator[tuple[str, Any]]:
        for path, value in kinds(plan, 2):
            if isinstance(value, int | float) and not isinstance(value, bool):
                others = (-value, type(value)(0), value * (1 + 1e-6)) if value else (1e-6,)
                for other in others:
                    yield f"{path}: {value!r} -> {other!r}", changed(plan, path, other)

    assert missed(mutants()) == []


def test_every_kind_of_word_replaced_by_another_is_caught() -> None:
    """The first two of each kind of word emptied, or replaced by other words of such fields: none passes."""
    plan = rich_plan()
    words: dict[str | int, set[str]] = defaultdict(set)
    for path in leaves(plan):
        if isinstance(at(plan, path), str):
            words[path[-1]].add(at(plan, path))

    def mutants() -> Iterator[tuple[str, Any]]:
        for path, value in kinds(plan, 2):
            if isinstance(value, str):
                for other in [*sorted(words[path[-1]] - {value})[:3], "x" if value == "" else ""]:
                    yield f"{path}: {value!r} -> {other!r}", changed(plan, path, other)

    assert missed(mutants()) == []


def alike(one: Any, other: Any) -> bool:
    """Whether two plans say the same: the order of entries says nothing."""
    lists = [name for name in one if isinstance(one[name], list)]
    return all(sorted(map(repr, one[name])) == sorted(map(repr, other[name])) for name in lists)


def neighbours(plan: Any, most: int = 4) -> Iterator[tuple[str, int, str, Any, Any]]:
    """Fields that differ between two entries that follow each other in a list."""
    for name, items in plan.items():
        if isinstance(items, list) and items and isinstance(items[0], dict):
            for n, (one, other) in enumerate(list(pairwise(items))[:most]):
                for key in one:
                    if one[key] != other[key] and not isinstance(one[key], dict | list):
                        yield name, n, key, one[key], other[key]


def both(plan: Any, name: str, n: int, key: str, one: Any, other: Any) -> Any:
    """The plan with a field of two entries that follow each other replaced."""
    items = list(plan[name])
    items[n], items[n + 1] = {**items[n], key: one}, {**items[n + 1], key: other}
    return {**plan, name: items}


def test_every_field_swapped_between_neighbours_is_caught() -> None:
    """A word or figure exchanged with the next entry's: none passes, unless only the order of entries is changed."""
    plan = rich_plan()
    swapped = ((f"{name} {n} {key}", both(plan, name, n, key, b, a)) for name, n, key, a, b in neighbours(plan))
    assert missed((name, mutant) for name, mutant in swapped if not alike(plan, mutant)) == []


def test_every_amount_moved_between_neighbours_is_caught() -> None:
    """A tenth of a figure taken from one entry and added to the next, which keeps every total: none passes."""
    plan = rich_plan()
    moved = (
        (f"{name} {n} {key}", both(plan, name, n, key, a * 0.9, b + a * 0.1))
        for name, n, key, a, b in neighbours(plan)
        if isinstance(a, float) and a
    )
    assert missed(moved) == []


@pytest.mark.parametrize("more", [1e-3, 1000.0, 1e6])
def test_a_backlog_that_never_empties_is_caught(more: float) -> None:
    """The same amount more waiting after every slice keeps each balance, but would wait for ever."""
    plan = rich_plan()
    entries = [{**entry, "backlog_requests": entry["backlog_requests"] + more} for entry in plan["deferrals"]]
    assert not accepted({**plan, "deferrals": entries})


def test_the_order_of_entries_says_nothing() -> None:
    """Every list of entries the other way round is the same plan."""
    plan = rich_plan()
    turned = {key: value[::-1] if isinstance(value, list) else value for key, value in plan.items()}
    assert accepted({**turned, "periods": plan["periods"], "rejections": plan["rejections"]})


def test_every_kind_of_dropped_or_renamed_key_is_caught() -> None:
    """Each key of the first two mappings of each kind left out or written differently: none passes."""
    plan = rich_plan()

    def mutants() -> Iterator[tuple[str, Any]]:
        for path in firsts(containers(plan)):
            items = at(plan, path)
            if isinstance(items, dict):
                for key in items:
                    rest = {k: v for k, v in items.items() if k != key}
                    yield f"{path} without {key}", changed(plan, path, rest)
                    yield f"{path} with {key} renamed", changed(plan, path, {**rest, f"{key}x": items[key]})

    assert missed(mutants()) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, None, "1", [], {}, True, 10**400])
def test_what_is_no_figure_is_caught(value: Any) -> None:
    """One figure of each kind of entry replaced by something else is a failure, never a traceback."""
    plan = rich_plan()
    firsts = {path[0]: path for path in leaves(plan) if type(at(plan, path)) is float and at(plan, path) != value}
    mutants = ((str(path), changed(plan, path, value)) for path in firsts.values())
    assert missed(mutants) == []


@pytest.mark.parametrize("plan", [None, [], "plan", 1, {}, {"status": "optimal"}, {"purchases": 3}])
def test_what_is_no_plan_is_caught(plan: Any) -> None:
    """Anything but a plan is a failure, never a traceback."""
    assert not accepted(plan)
