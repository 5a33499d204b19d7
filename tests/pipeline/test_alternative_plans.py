"""`alternatives`: a folder with a comparison and a run folder for each plan."""

import json
from pathlib import Path

import pytest
from planned import write_everything

from fleetopt.errors import UsageError
from fleetopt.pipeline.alternative_plans import BEST, AlternativesOptions, find_alternatives
from fleetopt.verify import verify_folder


def test_each_plan_is_a_run_that_verifies(tmp_path: Path) -> None:
    """The folder has the comparison in two forms, and every plan in it verifies on its own."""
    run = write_everything(tmp_path / "run")
    found = find_alternatives(run, tmp_path / "others", AlternativesOptions(within=0.05, most=2, gap=1e-3))
    document = json.loads((tmp_path / "others" / "alternatives.json").read_text(encoding="utf-8"))
    names = [plan["name"] for plan in document["plans"]]
    assert names[0] == BEST and len(names) == 3 and document == json.loads(json.dumps(found.as_dict()))
    page = (tmp_path / "others" / "alternatives.md").read_text(encoding="utf-8")
    for entry in document["plans"]:
        folder = tmp_path / "others" / entry["name"]
        assert verify_folder(folder).passed
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        assert plan["objective_usd"] == entry["objective_usd"]
        assert entry["cost_more"] <= 0.05 + 1e-9
        assert (folder / "manifest.json").is_file() and (folder / "plan.md").is_file()
        assert entry["name"] in page
    assert "2 plans within 5.0 %" in found.lines[0] and str(tmp_path / "others") in found.lines[-1]


def test_an_instance_file_is_solved_first(tutorial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One kind of server leaves no alternative: the plan stands alone, in the default folder below `runs`."""
    monkeypatch.chdir(tmp_path)
    found = find_alternatives(tutorial)
    assert found.found == () and found.folder.parent == Path("runs") and found.folder.name.endswith("-alternatives")
    assert "nothing that differs" in found.lines[0]
    assert verify_folder(found.folder / BEST).passed


def test_the_target_is_looked_at_before_the_work(tmp_path: Path) -> None:
    """A folder that is not ours is refused at once, and so is a share above 1."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageError, match="not an earlier run folder"):
        find_alternatives(tmp_path / "nowhere", tmp_path / "mine")
    with pytest.raises(UsageError, match="try 2%"):
        AlternativesOptions(within=2.0)
