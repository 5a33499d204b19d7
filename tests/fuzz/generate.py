"""Instances nobody wrote: what hypothesis makes of YAML's characters, of plain data, and of the schema's own words."""

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from spoil import VALUES, WORDS

from fleetopt.instance import shape
from fleetopt.instance.schema import Instance


def _names(section: type[BaseModel], seen: set[type]) -> set[str]:
    """Field names of a section and of all below it."""
    found: set[str] = set()
    if section not in seen:
        seen.add(section)
        for name, annotation in shape.fields(section).items():
            found.add(name)
            for inner in (annotation, shape.child(annotation, 0), shape.child(annotation, "")):
                if shape.is_section(inner):
                    found |= _names(shape.core(inner), seen)
    return found


_NAMES = sorted(_names(Instance, set()))
_SECTIONS = sorted(shape.fields(Instance))
_leaves = st.one_of(
    st.sampled_from(WORDS), st.sampled_from(VALUES), st.integers(), st.floats(), st.booleans(), st.text(max_size=20)
)
_data = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=5), inner),
    max_leaves=30,
)
texts = st.text(st.sampled_from("abid:- \n\t{}[],\"'#&*!|>%@?0127qe.\u00e9\u2028~<=_$/\\"), max_size=200) | st.text(
    max_size=60
)
"""Text that may be YAML."""
documents = _data | st.dictionaries(st.sampled_from(_SECTIONS), _data, max_size=len(_SECTIONS))
"""Plain data that may be an instance."""
overrides = st.lists(
    st.builds(
        lambda steps, value: ".".join(steps) + "=" + value,
        st.lists(st.sampled_from([*_NAMES, "*"]) | texts, max_size=5),
        texts,
    ),
    max_size=3,
)
"""Overrides of anything by anything."""


def rounds(check: Callable[[str, Any], None], number: int, examples: int) -> None:
    """Call `check(kind, value)` with so many generated values of each kind; `number` seeds them."""
    for kind, strategy in (("text", texts), ("document", documents), ("overrides", overrides)):
        _round(partial(check, kind), strategy, number, examples)


def _round(check: Callable[[Any], None], strategy: Any, number: int, examples: int) -> None:
    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def case(value: Any) -> None:
        check(value)

    case()
