"""Every equation is told in words, or says why not."""

import string

import pytest
from planned import everything
from rich_case import rich_model

from fleetopt.model.build import Model
from fleetopt.model.equation import EQUATIONS
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.phrases import PHRASES, NoPrice, Phrase, names, parts, phrase
from fleetopt.solve.steps import resources


def test_every_equation_has_words_or_a_reason() -> None:
    """An equation added without an entry in PHRASES fails here; an entry without an equation too."""
    assert set(PHRASES) == set(EQUATIONS)
    for entry in PHRASES.values():
        assert entry.because if isinstance(entry, NoPrice) else entry.more


@pytest.mark.parametrize("id_", [id_ for id_, entry in PHRASES.items() if isinstance(entry, Phrase)])
def test_words_use_the_index_of_their_equation(id_: str) -> None:
    """What is told together is a part of the index, and what is not told together stands in the words."""
    said = phrase(id_)
    assert said is not None and said.amount > 0
    assert set(said.merged) & set(names(id_)) or "slice" in said.merged
    assert not said.lasting or "from {period} on" in said.lasting
    used = {name for _, name, _, _ in string.Formatter().parse(said.more) if name}
    extra = {"measure", "direction", "period_word"}
    assert used <= set(said.told(id_)) | extra
    assert set(said.told(id_)) - used <= {"bound"}


@pytest.mark.parametrize("made", [rich_model, lambda: everything()[0]])
def test_every_row_with_words_belongs_to_one_resource(made: "type[Model]") -> None:
    """No row is told twice (demand apart, which stands in several equations), and none is forgotten."""
    model = made()
    matrix = matrix_of(model.problem)
    found = resources(model, matrix)
    assert len({r.words for r in found}) == len(found)
    rows = [row for r in found if r.equation != "D1" and not r.lasting for row in r.step.sides]
    assert len(rows) == len(set(rows))
    told = {n for n, name in enumerate(matrix.row_names) if phrase(model.rows[name][0]) is not None}
    assert set(rows) == {n for n in told if model.rows[matrix.row_names[n]][0] != "D1"}


def test_parts_are_named_as_the_equation_names_them() -> None:
    """Each part of a row's index has the name the equation gives it."""
    named = parts("D3", ("east", "virginia", "2027q1", "day"))
    assert named == {"from": "east", "to": "virginia", "period": "2027q1", "slice": "day"}


def test_inequalities_have_words_for_their_limit() -> None:
    """A limit from above that has a price can also be told where it binds."""
    model = rich_model()
    matrix = matrix_of(model.problem)
    for resource in resources(model, matrix):
        rows = list(resource.step.sides)
        if resource.looser and matrix.row_upper[rows[0]] < float("inf"):
            assert resource.phrase.binds, resource.equation
