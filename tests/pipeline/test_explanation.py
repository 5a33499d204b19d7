"""`explain` on run folders: what is read, what is refused, and what the words say."""

import json
from pathlib import Path

import pytest
from planned import write_everything

from fleetopt.errors import UsageError, VerificationError
from fleetopt.pipeline import explanation_words as words
from fleetopt.pipeline.explanation import ExplainOptions, explain
from fleetopt.pipeline.reopened import reopen
from fleetopt.solve.binding import Binding
from fleetopt.solve.resolve import Difference


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the instance with something of everything."""
    return write_everything(tmp_path_factory.mktemp("runs") / "everything")


def test_a_run_is_opened_from_two_files(run: Path) -> None:
    """The plan comes back as written, and the programme has its columns."""
    opened = reopen(run)
    assert json.loads(json.dumps(opened.plan.as_dict())) == json.loads((run / "plan.json").read_text(encoding="utf-8"))
    assert len(opened.matrix.columns) == len(opened.model.problem.variables())


def test_a_plan_that_does_not_hold_is_not_explained(run: Path, tmp_path: Path) -> None:
    """One unit more than was paid for: the failures come first, and nothing is explained."""
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    plan["purchases"][0]["units"] += 1
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (tmp_path / "resolved.yaml").write_bytes((run / "resolved.yaml").read_bytes())
    with pytest.raises(VerificationError, match="checks failed"):
        explain(tmp_path)


def test_a_run_without_a_plan_is_not_explained(run: Path, tmp_path: Path) -> None:
    """Where the run ended infeasible, its diagnosis is the explanation."""
    (tmp_path / "plan.json").write_text('{"status": "infeasible"}', encoding="utf-8")
    (tmp_path / "resolved.yaml").write_bytes((run / "resolved.yaml").read_bytes())
    with pytest.raises(UsageError, match=r"diagnosis\.md"):
        explain(tmp_path)


def test_without_a_question_it_tells_what_binds(run: Path) -> None:
    """Only what binds, and the lines name what the data holds."""
    found = explain(run)
    document = found.as_dict()
    assert set(document) == {"objective_usd", "bound_usd", "binding"}
    text = "\n".join(found.lines)
    assert text.startswith("What binds")
    assert all(entry["equation"] in text for entry in document["binding"])


def test_prices_are_labelled_by_how_they_were_got(run: Path) -> None:
    """LP prices and new solves stand under their own headings; each value in the data is in the text."""
    asked: list[str] = []
    found = explain(run, ExplainOptions(prices=True, most=1, resolves=2, gap=1e-3), asked.append)
    text, document = "\n".join(found.lines), found.as_dict()
    assert words.LP_LABEL in text and words.RESOLVED_LABEL in text
    assert len(document["re_solved"]) == 2 and len([line for line in asked if "re-solving" in line]) == 2
    for entry in (*document["lp_prices"], *document["re_solved"]):
        assert entry["one_more"] in text
    assert "binding" not in document and json.dumps(document)


def test_without_new_solves_only_lp_prices_are_told(run: Path) -> None:
    """`resolves` 0 asks for none, and says nothing about them."""
    found = explain(run, ExplainOptions(prices=True, resolves=0))
    assert words.RESOLVED_LABEL not in "\n".join(found.lines) and found.as_dict()["re_solved"] == []


def test_why_not_says_which_line_loses(run: Path) -> None:
    """A third satellite costs more on several lines, which add up to the difference; the largest is named."""
    found = explain(run, ExplainOptions(why_not="sat", gap=1e-4))
    document = found.as_dict()["why_not"]
    lines = document["forced"]["cost_lines_change_usd"]
    assert sum(lines.values()) == pytest.approx(document["forced"]["cost_change_usd"], abs=5)
    text = "\n".join(found.lines)
    assert "3 of it forced in" in text and "what loses: systems bought" in text


def test_the_same_question_has_the_same_answer(run: Path) -> None:
    """Nothing depends on the clock: two runs give equal documents."""
    options = ExplainOptions(prices=True, why_not="cloud8", most=2, resolves=1, gap=1e-3)
    assert explain(run, options).as_dict() == explain(run, options).as_dict()


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (Difference(-30_000.0, -30_000.0, -30_000.0, "gap reached"), "is worth $30,000 (proven)"),
        (Difference(0.0, 0.0, 0.0, "gap reached"), "changes nothing (proven)"),
        (Difference(5.0, 0.0, 250.0, "gap reached"), "costs $5.00 in the plan found (proven: a cost of $0.00 to $250)"),
        (
            Difference(0.0, -1.5e6, 0.0, "time limit"),
            "changes nothing in the plan found (proven: a saving of $0.00 to $1.50 M, time limit)",
        ),
        (Difference(None, None, None, "infeasible"), "cannot be had: there is no such plan"),
        (Difference(None, 3.0, None, "time limit"), "is not known: the search ended without a plan (time limit)"),
        (Difference(7.0, None, 9.0, "time limit"), "costs $7.00 in the plan found; nothing is proven (time limit)"),
    ],
)
def test_a_difference_says_what_is_proven(difference: Difference, said: str) -> None:
    """The figure found, and the band that the two searches prove around it."""
    assert words._difference(difference) == said


def test_many_periods_are_told_in_short() -> None:
    """Up to three periods are named, more are told by their ends."""
    four = Binding("P1", "firm power is let in full", ("oslo",), ("2027q1", "2027q2", "2027q3", "2027q4"), True)
    assert words.binding_lines([four])[-1].strip() == "oslo in 2027q1 and 3 more to 2027q4"
    assert words.binding_lines([]) == ["nothing binds: every limit has room for one more unit"]
