"""The README's commands, as they stand."""

import re
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[tuple[str, str]]:
    """(language, text) of the README's fenced blocks, in order."""
    text = (root / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_first_two_blocks_are_shell(blocks: list[tuple[str, str]]) -> None:
    """The first two fenced blocks are the two `sh` blocks that set everything up."""
    assert [language for language, _ in blocks[:2]] == ["sh", "sh"]
    assert [language for language, _ in blocks].count("sh") == 2


def test_first_block_installs_and_solves_the_reference(blocks: list[tuple[str, str]], root: Path) -> None:
    """The first block makes an environment, installs at pinned versions, and solves an instance that is there."""
    block = blocks[0][1]
    assert "python3 -m venv .venv" in block
    assert "--constraint constraints.txt" in block
    instance = re.search(r"fleetopt solve (\S+)", block)
    assert instance
    assert instance[1] == "instances/reference/three_segments.yaml"
    assert (root / instance[1]).is_file()


def test_second_block_runs_nox(blocks: list[tuple[str, str]]) -> None:
    """The second block makes an environment of its own and ends with plain `nox`, which is the whole suite."""
    block = blocks[1][1]
    assert "python3 -m venv" in block
    assert block.rstrip().endswith("/bin/nox")


def test_blocks_are_valid_shell_that_stops_at_the_first_failure(blocks: list[tuple[str, str]]) -> None:
    """Each block is one chain of `&&`, so a failed step does not go unnoticed, and parses as POSIX shell."""
    for _, block in blocks[:2]:
        subprocess.run(["sh", "-n"], input=block, text=True, check=True)
        steps = [line.rstrip() for line in block.strip().splitlines()]
        assert all(step.endswith("&&") for step in steps[:-1])


def test_ci_runs_the_second_block(blocks: list[tuple[str, str]], root: Path, tmp_path: Path) -> None:
    """.ci/run executes exactly the second block: in a checkout whose second block writes a file, that file appears."""
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert readme.count(blocks[1][1]) == 1
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text(script, encoding="utf-8")
    (tmp_path / "README.md").write_text(
        readme.replace(blocks[1][1], "true &&\n  echo ran > ran.txt\n"), encoding="utf-8"
    )
    done = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (tmp_path / "ran.txt").read_text(encoding="utf-8") == "ran\n"
    assert re.match(r"Python 3\.\d+", done.stdout)


def test_ci_fails_when_the_second_block_fails(blocks: list[tuple[str, str]], root: Path, tmp_path: Path) -> None:
    """A second block that ends with 3 makes .ci/run end with 3."""
    readme = (root / "README.md").read_text(encoding="utf-8").replace(blocks[1][1], "exit 3\n")
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_bytes((root / ".ci" / "run").read_bytes())
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    assert subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, check=False).returncode == 3


def test_commands_in_the_readme_exist(root: Path, fleetopt_command) -> None:  # type: ignore[no-untyped-def]
    """Every `fleetopt <command>` that the README names is listed by `fleetopt --help`."""
    named = set(re.findall(r"`fleetopt ([a-z]+) ", (root / "README.md").read_text(encoding="utf-8")))
    shown = fleetopt_command("--help").stdout
    assert named
    assert all(re.search(rf"\b{name}\b", shown) for name in named)
