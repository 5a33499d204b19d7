"""docs/adding-a-chip.md followed to the letter: its blocks applied to a copy of the package, its commands run there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.once


class Step(NamedTuple):
    """A fenced block, with the file that the heading above it names."""

    file: str
    language: str
    text: str


def steps(page: str) -> list[Step]:
    """Every fenced block of the page, in order."""
    found, file = [], ""
    pattern = r"^## \d+\. [^\n`]*(?:`([^`\n]+)`)?[^\n]*$|^```(\w+)\n(.*?)^```$"
    for match in re.finditer(pattern, page, re.MULTILINE | re.DOTALL):
        if match[2]:
            found.append(Step(file, match[2], match[3]))
        else:
            file = match[1] or ""
    return found


def applied(text: str, block: str) -> str:
    """A YAML file with the sections of a block added at the head of its own, or at the end where it has none such."""
    for section in re.findall(r"^\w[^\n]*\n(?:[ ]+[^\n]*\n)*", block, re.MULTILINE):
        head, body = section.split("\n", 1)
        text = text.replace(f"\n{head}\n", f"\n{head}\n{body}", 1) if f"\n{head}\n" in text else text + section
    return text


@pytest.fixture(scope="module")
def followed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's commands print, and the plan they end with."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("fleetopt", "tests"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", copy)
    commands = copy / "bin"
    commands.mkdir()
    for name, module in (("python", ""), ("fleetopt", "-m fleetopt ")):
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    uncounted = {key: value for key, value in os.environ.items() if not key.startswith("COV")}  # the copy is no source
    environment = uncounted | {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(copy),
        "PYTEST_ADDOPTS": "-q -p no:cacheprovider --no-cov",
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    printed = {}
    for step in steps((root / "docs" / "adding-a-chip.md").read_text(encoding="utf-8")):
        if step.language == "yaml":
            file = copy / step.file
            file.write_text(applied(file.read_text(encoding="utf-8") if file.exists() else "", step.text), "utf-8")
            continue
        for line in step.text.splitlines():
            done = subprocess.run(["sh", "-c", line], cwd=copy, env=environment, capture_output=True, check=False)
            assert done.returncode == 0, f"{line}: {done.stdout.decode()}{done.stderr.decode()}"
            printed[line] = done.stdout.decode()
    return {"printed": printed, "plan": json.loads((copy / "run" / "plan.json").read_text(encoding="utf-8"))}


def test_the_page_has_the_steps_it_speaks_of(root: Path) -> None:
    """Sources and chip, system, three commands, an instance and its solution."""
    found = steps((root / "docs" / "adding-a-chip.md").read_text(encoding="utf-8"))
    assert [(Path(step.file).name, step.language) for step in found] == [
        ("chips.yaml", "yaml"), ("chips.yaml", "yaml"), ("systems.yaml", "yaml"), ("", "sh"),
        ("fleet.yaml", "yaml"), ("fleet.yaml", "yaml"), ("fleet.yaml", "sh"),
    ]  # fmt: skip


def test_the_catalogue_shows_the_new_chip(followed: dict[str, Any]) -> None:
    """The tests of the catalogue pass on the copy, and the system shows with its chip and the document of its sheet."""
    printed = followed["printed"]
    assert " passed" in printed["python -m pytest tests/catalog"]
    shown = printed["fleetopt catalog show example-e1-8"]
    assert "Example Corp, E1 data sheet rev. 2" in shown
    assert "3,600 to 4,400" in shown
    assert "example-e1" not in printed["fleetopt catalog check"]


def test_the_new_chip_can_be_bought(followed: dict[str, Any]) -> None:
    """The verified plan buys it in both years: 184,000 x 1.15 = 211,600 USD a unit, then 150,000 x 1.15 = 172,500."""
    plan = followed["plan"]
    assert plan["verification"]["passed"]
    prices = {p["period"]: p["unit_price_usd"] for p in plan["purchases"] if p["system"] == "example-e1-8"}
    assert prices == pytest.approx({"2027": 211_600, "2028": 172_500})
