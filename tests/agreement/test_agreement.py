"""A few of the random instances of `nox -s agreement`, and that a disagreement would be seen and kept."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from agree import CBC, NEAR_USD, Said, ask, case, near, report
from byhand import brute_force
from programme import ONE, Programme
from rules import Writer
from tariff import Tariff

from fleetopt.instance.load import load_resolved
from fleetopt.model.prices import Prices


@pytest.mark.parametrize("seed", range(10))
def test_highs_and_cbc_agree_with_brute_force(seed: int) -> None:
    """On these seeds all three (without CBC, the other two) say the same, and the plan verifies."""
    assert ask(case(seed)).verdict == "all agree"


def knapsack() -> Programme:
    """Two items of 3 and 2 kg worth 5 and 3 USD, up to three of each, 8 kg; sand at 1 USD a kg fills the rest."""
    p = Programme()
    p.whole |= {ONE: (1, 1), ("a",): (0, 3), ("b",): (0, 3)}
    p.free[("sand",)] = float("inf")
    p.cost |= {("a",): -5.0, ("b",): -3.0, ("sand",): -1.0}
    p.most({("a",): 3.0, ("b",): 2.0, ("sand",): 1.0}, 8.0)
    return p


@pytest.mark.parametrize("cuts", [True, False])
def test_brute_force_of_a_knapsack(cuts: bool) -> None:
    """Two of a and one of b are 8 kg and 13 USD; three of a do not fit; the 16 combinations are all listed."""
    answer = brute_force(knapsack(), cuts)
    assert answer.cost_usd == pytest.approx(-13.0)
    assert answer.combinations == 16


@pytest.mark.parametrize("seed", [14, 33, 38])
def test_cuts_change_nothing(seed: int) -> None:
    """With every combination priced by a programme of its own the answer is the same."""
    tried = case(seed)
    full = brute_force(Writer(tried.instance, tried.found).written(), cuts=False)
    assert full.cost_usd == pytest.approx(tried.answer.cost_usd)
    assert full.programmes >= tried.answer.programmes


def test_a_wrong_rule_of_the_model_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With purchases 10 % dearer in the model alone neither brute force nor verification accepts the plan of HiGHS."""
    right = Prices.buy
    monkeypatch.setattr(Prices, "buy", lambda self, *args: 1.1 * right(self, *args))
    said = ask(case(10))
    assert said.verdict == "the plan of HiGHS does not verify"
    assert not near(said.highs, said.case.answer.cost_usd)
    assert report([said], tmp_path)[1] == 1


def test_a_disagreement_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With purchases 10 % cheaper in brute force alone the three answers and the instance are kept as files."""
    right = Tariff.bought
    monkeypatch.setattr(Tariff, "bought", lambda self, *args: 0.9 * right(self, *args))
    said = ask(case(10))
    lines, code = report([said], tmp_path)
    assert code == 1
    assert said.verdict in ("CBC agrees with HiGHS, not with brute force", "HiGHS differs from brute force")
    assert lines[1].split() == ["1", *said.verdict.split()]
    answers = yaml.safe_load((tmp_path / "seed-10.answers.yaml").read_text(encoding="utf-8"))
    assert (answers["seed"], answers["verdict"]) == (10, said.verdict)
    assert answers["highs_usd"] > answers["brute_force_usd"] + NEAR_USD
    assert load_resolved(tmp_path / "seed-10.yaml") == said.case.instance


@pytest.mark.parametrize(
    ("changed", "verdict", "code"),
    [
        ({"cbc": 60_000.0}, "CBC is wrong: HiGHS and brute force agree", 0),
        ({"cbc": None}, "CBC is wrong: HiGHS and brute force agree", 0),
        ({"highs": 60_000.0}, "HiGHS differs from brute force", 1),
        ({"verified": False}, "the plan of HiGHS does not verify", 1),
    ],
)
def test_who_is_wrong(changed: dict[str, Any], verdict: str, code: int, tmp_path: Path) -> None:
    """An error of CBC alone is counted and kept; one of HiGHS, or a plan that does not verify, fails the session."""
    if not CBC and "cbc" in changed:
        pytest.skip("no CBC on this machine")
    agreed = case(14)
    usd = agreed.answer.cost_usd
    said = replace(Said(agreed, usd, usd, True, frozenset()), **changed)
    assert report([said], tmp_path)[1] == code
    assert said.verdict.startswith(verdict)
    assert (tmp_path / "seed-14.answers.yaml").exists()


def test_the_same_is_within_tolerance() -> None:
    """A dollar in a hundred thousand is the solvers' tolerance, ten are not; infeasible is no number."""
    assert near(100_000.0, 100_001.0)
    assert not near(100_000.0, 100_010.0)
    assert near(None, None)
    assert not near(None, 0.0)
