"""Equations register themselves, and names lead back to them."""

import re
from collections.abc import Callable, Iterator

import pytest
from builders import GPU
from cases import candidate, case, model, offer

from fleetopt.model.equation import EQUATIONS, equation, row_name, rows_of
from fleetopt.model.variables import column_name

NAME = re.compile(r"[A-Za-z0-9_]+")


def _generator(doc: str | None) -> Callable[..., Iterator[object]]:
    def rows(m: object) -> Iterator[object]:
        yield from ()

    rows.__doc__ = doc
    return rows


@pytest.mark.parametrize("doc", [None, "", "Says something, without a formula.", "\n\n$$x \\le 1$$", "$$x \\le 1$$"])
def test_an_equation_needs_a_sentence_and_a_formula(doc: str | None) -> None:
    """Without either, decorating (so importing) raises TypeError, and nothing is registered."""
    with pytest.raises(TypeError, match="needs a first sentence and a formula"):
        equation("Z1", "site")(_generator(doc))
    assert "Z1" not in EQUATIONS


def test_an_id_belongs_to_one_equation() -> None:
    """A second P1 raises TypeError and leaves the first in place."""
    first = EQUATIONS["P1"]
    with pytest.raises(TypeError, match="P1 is defined twice"):
        equation("P1", "site")(_generator("Says it again.\n\n$$x \\le 1$$"))
    assert EQUATIONS["P1"] is first


def test_title_formula_and_doc_come_from_the_docstring() -> None:
    """The first line is the title, what stands between $$ the formula, on one line, and the doc is all before it."""
    eq = EQUATIONS["C1.keep"]
    assert eq.title == "Replicas counted whole serve no more than the loaded ones can."
    assert eq.formula == r"\sum_b \frac{serve_{b,k,t,h}}{rate_{k,b}} \le keep_{k,t}"
    assert eq.doc == eq.title
    assert eq.index == "candidate, period, slice"


def test_names_carry_letters_digits_and_underscores_only() -> None:
    """Dots and dashes become underscores, parts are joined by two: what every solver and LP file can carry."""
    assert row_name("C1.keep", ("a-b.c", "2027q1")) == "C1_keep__a_b_c__2027q1"
    assert column_name("buy", ("a-b.c", "oslo", 3)) == "buy__a_b_c__oslo__3"


def test_rows_can_be_asked_for_by_id() -> None:
    """Of the base model P1 alone has a row a site and period: 2."""
    found = [(id_, index) for id_, index, _ in rows_of(model(case()).context, {"P1"})]
    assert found == [("P1", ("virginia", "2027q1")), ("P1", ("virginia", "2027q2"))]


def test_ids_that_differ_in_punctuation_get_names_of_their_own() -> None:
    """Systems `a-b` and `a.b` both want the names of `a_b`: one of them gets a number, and both keep their index."""
    body = {key: value for key, value in GPU.items() if key != "id"}
    instance = case(systems={"gpu8": None, "a-b": body, "a.b": body})
    pair = (candidate("k-1", system="a-b"), candidate("k.1", system="a.b"))
    built = model(instance, pair, (offer("a-b"), offer("a.b")))
    columns = [column.name for column in built.problem.variables()]
    rows = [row.name for row in built.problem.constraints()]
    assert len(set(columns)) == len(columns)
    assert len(set(rows)) == len(rows) == len(built.rows)
    assert {"buy__a_b__virginia__0", "buy__a_b__virginia__0__n2"} <= set(columns)
    assert {built.rows[name][1][0] for name in rows if name.startswith("B5__a_b")} == {"a-b", "a.b"}
    assert all(NAME.fullmatch(name) for name in columns + rows)


def test_a_row_without_columns_is_said_not_lost() -> None:
    """Demand that nothing can serve keeps its D1 row in each of 2 periods and 2 slices: 0 = arrivals, infeasible."""
    built = model(case(), (), ())
    assert sum(id_ == "D1" for id_, _ in built.rows.values()) == 4
