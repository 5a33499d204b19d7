"""The page on suites says what is so."""

import re
from pathlib import Path

from fleetopt.suite.load import load_suite
from fleetopt.suite.schema import Expectation, SuiteFile
from fleetopt.suite.sweeps import KINDS


def test_the_example_is_a_suite(root: Path, tmp_path: Path) -> None:
    """The file on the page loads: 4 scenarios, 3 x 2 of the grid and 20 drawn, with the names that it says."""
    page = (root / "docs" / "suites.md").read_text(encoding="utf-8")
    [text] = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "suite.yaml"
    path.write_text(text.replace("../instances/", f"{root}/instances/"), encoding="utf-8")
    names = [run.name for run in load_suite(path).runs]
    assert len(names) == 4 + 6 + 20
    assert names[:5] == ["as-is", "more", "both", "small", "growth-01"]
    assert {"growth-06", "doubt-01", "doubt-20"} <= set(names)
    assert names[-1] == "doubt-20"


def test_the_page_names_every_distribution(root: Path) -> None:
    """Each distribution has a row."""
    page = (root / "docs" / "suites.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"| `{kind}: [" in page


def test_the_page_names_every_relation_and_section_of_a_plain_suite(root: Path) -> None:
    """What can be expected of scenarios, and the sections of the file, are on the page."""
    page = (root / "docs" / "suites.md").read_text(encoding="utf-8")
    for name in ("cheaper", "dearer_or_equal", "never_cheaper", "feasible", "infeasible", "uses", "avoids"):
        assert name in Expectation.model_fields
        assert f"`{name}`" in page
    for name in ("base", "bases", "overrides", "scenarios", "sweeps", "stresses", "expect"):
        assert name in SuiteFile.model_fields
        assert f"`{name}`" in page
