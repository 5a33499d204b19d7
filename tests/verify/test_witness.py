"""Tolerances: what counts as the same, and what as within a limit."""

import math

import pytest

from fleetopt.verify.witness import Witness


def test_derived_figures_agree_to_eleven_digits() -> None:
    """1e9 + 0.001 is 1e-12 of it away and agrees; 1e9 + 1 is 1e-9 away and does not."""
    witness = Witness()
    witness.equal("X", ("a",), 1e9 + 0.001, 1e9)
    assert witness.failures == []
    witness.equal("X", ("a",), 1e9 + 1, 1e9)
    assert witness.failures == ["X (a): expected 1000000000.0, found 1000000001.0"]
    assert witness.checks == 2


@pytest.mark.parametrize("found", [math.nan, math.inf, -math.inf])
def test_no_figure_agrees_with_nothing(found: float) -> None:
    """NaN and infinity agree with no figure, balance no sum, and keep no limit."""
    witness = Witness()
    witness.equal("X", (), found, 1.0)
    witness.balance("X", (), [found], [1.0])
    witness.at_most("X", (), found if found > 0 or math.isnan(found) else math.inf, 1.0)
    assert len(witness.failures) == 3


def test_balances_are_measured_by_their_largest_term() -> None:
    """1000 - 1000 + 1e-7 against 0 is within 1e-9 x 1000 + 2e-9; 1e-5 is not; small sums keep a sense of their own."""
    witness = Witness()
    witness.balance("X", (), [1000.0, -1000.0, 1e-7], [0.0])
    assert witness.failures == []
    witness.balance("X", (), [1000.0, -1000.0, 1e-5], [0.0])
    witness.balance("X", (), [1e-3], [1.001e-3])
    assert len(witness.failures) == 2


def test_limits_may_be_passed_by_a_millionth() -> None:
    """100.00009 keeps a limit of 100 (9e-7 of it), 100.0002 does not; the same below a least value."""
    witness = Witness()
    witness.at_most("X", (), 100.00009, 100.0)
    witness.at_least("X", (), 99.99991, 100.0)
    assert witness.failures == []
    witness.at_most("X", (), 100.0002, 100.0)
    witness.at_least("X", (), 99.9998, 100.0)
    assert len(witness.failures) == 2


def test_words_and_truths_are_the_same_in_kind_too() -> None:
    """1 is not true, 1.0 is not 1, and a word is itself."""
    witness = Witness()
    witness.same("X", (), "a", "a")
    assert witness.failures == []
    witness.same("X", (), 1, True)
    witness.same("X", (), 1.0, 1)
    assert len(witness.failures) == 2
