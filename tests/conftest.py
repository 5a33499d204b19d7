"""What tests of several rooms share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

import fleetopt

ROOT = Path(__file__).parents[1]
Cli = Callable[..., "subprocess.CompletedProcess[str]"]

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def tutorial() -> Path:
    """The smallest instance: one workload, one system, one site, one year."""
    return ROOT / "instances" / "tutorial" / "one_system.yaml"


@pytest.fixture(scope="session")
def fleetopt_command() -> Cli:
    """Runs `fleetopt` in a process of its own, with the package under test."""
    package = Path(fleetopt.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(package), "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1"}

    def run(*arguments: str | Path, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "fleetopt", *map(str, arguments)]
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
        )

    return run
