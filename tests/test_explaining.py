"""docs/explaining.md: its commands, as they stand, print what it shows."""

import re
import subprocess
from pathlib import Path

import pytest

import fleetopt

pytestmark = pytest.mark.once


def test_the_page_shows_what_the_commands_print(root: Path, tmp_path: Path, fleetopt_command) -> None:  # type: ignore[no-untyped-def]
    """Every console block is run in order beside the instances; stdout is the rest of the block, or `...`."""
    (tmp_path / "instances").symlink_to(root / "instances")
    page = (root / "docs" / "explaining.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n\$ fleetopt (.*?)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    for command, shown in blocks:
        done: subprocess.CompletedProcess[str] = fleetopt_command(*command.split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert shown in ("...\n", done.stdout), command
    assert [shown for _, shown in blocks].count("...\n") == 1
    (verify,) = re.findall(r"`fleetopt (verify [^`]*)`", page)
    assert fleetopt_command(*verify.split(), cwd=tmp_path).returncode == 0


def test_the_page_names_what_python_has(root: Path) -> None:
    """Every `fleetopt.name(` on the page is a public name."""
    named = set(re.findall(r"fleetopt\.(\w+)\(", (root / "docs" / "explaining.md").read_text(encoding="utf-8")))
    assert named and named <= set(fleetopt.__all__)
