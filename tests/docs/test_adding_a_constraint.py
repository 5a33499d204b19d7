"""docs/adding-a-constraint.md followed to the letter: its code put where it says, its commands run, in a copy."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleetopt.errors import UsageError
from fleetopt.solve.cbc import cbc_path

pytestmark = pytest.mark.once

PAGE = "docs/adding-a-constraint.md"
COPIED = ("fleetopt", "tests", "docs", "instances", "pyproject.toml")
_BLOCK = re.compile(r"^(?P<before>[^\n]*)\n\n```(?P<kind>\w+)\n(?P<code>.*?)\n```$", re.MULTILINE | re.DOTALL)
_WHERE = re.compile(r"In `(?P<file>[^`]+)`, (?P<side>above|below) (?P<each>each )?`(?P<line>[^`]+)`")
_NEW = re.compile(r"New file `(?P<file>[^`]+)`")
_END = re.compile(r"At the end of `(?P<file>[^`]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block of the page and the line before it."""

    before: str
    kind: str
    code: str


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page, in order; a fence that is no block of that form is an error."""
    found = [Block(m["before"], m["kind"], m["code"]) for m in _BLOCK.finditer(text)]
    assert len(found) * 2 == text.count("```"), "a block without a line before it that says where it goes"
    yield from found


def put(block: Block, root: Path) -> None:
    """Put a block of code where the line before it says; the place must exist, once unless it says `each`."""
    if new := _NEW.fullmatch(block.before):
        path = root / new["file"]
        assert not path.exists(), f"{path.name} is not new"
        path.write_text(block.code + "\n", encoding="utf-8")
    elif end := _END.fullmatch(block.before):
        path = root / end["file"]
        path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{block.code}\n", encoding="utf-8")
    else:
        where = _WHERE.fullmatch(block.before)
        assert where, f"no place for this block: {block.before!r}"
        path = root / where["file"]
        lines = path.read_text(encoding="utf-8").split("\n")
        at = [n for n, line in enumerate(lines) if line.strip() == where["line"]]
        assert at and (len(at) == 1 or where["each"]), f"{where['file']}: `{where['line']}` stands {len(at)} times"
        code = block.code.split("\n")
        code += ["", ""] if not code[0].startswith(" ") else []
        for n in reversed(at):
            lines[n + (where["side"] == "below") : n + (where["side"] == "below")] = code
        path.write_text("\n".join(lines), encoding="utf-8")


def run(script: str, root: Path) -> "subprocess.CompletedProcess[str]":
    """Commands of the page, each of which must pass, with the interpreter of this test."""
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for name in [name for name in environment if name.startswith(("COV_", "COVERAGE", "PYTEST_"))]:
        del environment[name]
    command = ["bash", "-e", "-c", script]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with all code of the page in its place."""
    copy = tmp_path_factory.mktemp("followed")
    for name in COPIED:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    for block in blocks((root / PAGE).read_text(encoding="utf-8")):
        if block.kind != "sh":
            put(block, copy)
    return copy


def files(folder: Path) -> dict[str, bytes]:
    """Contents by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_the_page_followed_to_the_letter_adds_a_constraint(copied: Path, root: Path) -> None:
    """All commands of the page pass in the copy, with one golden file more and the others as they were."""
    try:
        cbc_path()
    except UsageError:
        pytest.skip("no CBC on this machine, and the page's commands ask it")
    scripts = [b for b in blocks((root / PAGE).read_text(encoding="utf-8")) if b.kind == "sh"]
    assert len(scripts) >= 2
    for script in scripts:
        done = run(script.code, copied)
        assert done.returncode == 0, f"{script.code}\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}"
        assert " passed" in done.stdout
    before, after = (files(at / "tests/model/golden") for at in (root, copied))
    assert after == {**before, "W1.lp": after["W1.lp"]}
    assert b"W1__virginia__2027q1:" in after["W1.lp"]
    page = (copied / "docs/formulation.md").read_text(encoding="utf-8")
    assert "| W1 | row | What cooling evaporates on the mean day stays within the permit" in page
    assert "#### W1 (site, period)" in page


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("In `x.py`, above `nothing`", "stands 0 times"),
        ("In `x.py`, above `twice`", "stands 2 times"),
        ("Put it somewhere", "no place"),
        ("New file `x.py`", "not new"),
    ],
)
def test_a_place_that_is_not_there_is_an_error(before: str, why: str, tmp_path: Path) -> None:
    """A page that no longer fits the code fails the test; it is not followed approximately."""
    (tmp_path / "x.py").write_text("twice\ntwice\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=why):
        put(Block(before, "python", "new"), tmp_path)


def test_without_the_witness_the_page_fails(copied: Path, tmp_path: Path) -> None:
    """The page's own tests can fail: with the check taken out of the copy the changed plan is not caught."""
    shutil.copytree(copied, tmp_path / "less", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "less/fleetopt/verify/power.py"
    text = path.read_text(encoding="utf-8")
    assert "        _check_water(ledger, site, witness)\n" in text
    path.write_text(text.replace("        _check_water(ledger, site, witness)\n", ""), encoding="utf-8")
    done = run("pytest -q tests/verify/test_verify_families.py -k w1", tmp_path / "less")
    assert done.returncode == 1 and "1 failed, 1 passed" in done.stdout, done.stdout[-2000:]
