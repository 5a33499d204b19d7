"""What is built and installed, and its public names."""

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import fleetopt


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, object]:
    """The [project] table."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_wheel_carries_the_catalogue(root: Path, tmp_path: Path) -> None:
    """The wheel holds every module, every catalogue file, the typing marker and the licence."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {p.relative_to(root).as_posix() for p in (root / "fleetopt").rglob("*") if p.suffix in (".py", ".yaml")}
    assert any(name.startswith("fleetopt/catalog/") and name.endswith(".yaml") for name in wanted)
    assert wanted <= names
    assert "fleetopt/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "instances/")) for name in names)


def test_version_is_said_once(project: dict[str, object]) -> None:
    """`fleetopt.__version__` is the version of the package."""
    assert fleetopt.__version__ == project["version"]


def test_public_names_are_there() -> None:
    """Each name of `fleetopt.__all__` can be had from `fleetopt`, and an unknown one is an AttributeError."""
    for name in fleetopt.__all__:
        assert getattr(fleetopt, name).__name__
    assert set(fleetopt.__all__) <= set(dir(fleetopt))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = fleetopt.nonsense


@pytest.mark.parametrize("first", ["import fleetopt.solve.solver", "from fleetopt import solve", "pass"])
def test_the_room_solve_does_not_hide_the_function(first: str) -> None:
    """Whatever was imported before, `fleetopt.solve` is the function, and modules of the room can still be imported."""
    code = f"{first}\nfrom fleetopt import solve\nfrom fleetopt.solve.solver import Outcome\nimport fleetopt\n"
    code += "assert solve.__module__ == 'fleetopt.pipeline.story' and fleetopt.solve is solve"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_import_is_light() -> None:
    """`import fleetopt` brings in neither solver nor data frames nor validation."""
    code = "import fleetopt, sys; print(*sorted({'pulp', 'highspy', 'pandas', 'pydantic', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_constraints_are_exact_and_installed(root: Path) -> None:
    """constraints.txt has `name==version` and markers only, and every dependency of the package stands in it."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    for pin in pins:
        assert [s.operator for s in pin.specifier] == ["=="], str(pin)
        assert not pin.url
        assert not pin.extras
    for pin in pins:
        if pin.name.lower() in ("pulp", "highspy") and (pin.marker is None or pin.marker.evaluate()):
            assert pin.specifier.contains(version(pin.name)), f"{pin} is pinned, {version(pin.name)} is tested"


def test_every_requirement_is_pinned(root: Path, project: dict[str, object]) -> None:
    """Each dependency and extra in pyproject.toml has a lower bound that its pin satisfies."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    extras: dict[str, list[str]] = project["optional-dependencies"]  # type: ignore[assignment]
    texts = [*project["dependencies"], *(text for texts in extras.values() for text in texts)]  # type: ignore[misc]
    for needed in map(Requirement, texts):
        if needed.name == "fleetopt" or (needed.marker and not needed.marker.evaluate()):
            continue
        assert [s.operator for s in needed.specifier] == [">="], str(needed)
        [pin] = [p for p in pins if p.name.lower() == needed.name and (p.marker is None or p.marker.evaluate())]
        assert needed.specifier.contains(next(iter(pin.specifier)).version), f"{needed} against {pin}"


def test_help_is_quick() -> None:
    """`fleetopt --help` loads no solver, data frame, validation or catalogue: little more than Python itself."""
    assert loaded("--help") == set()


@pytest.mark.parametrize("arguments", [["list", "chip"], ["show", "dram"], ["check"], ["--help"]])
def test_the_catalogue_is_quick(arguments: list[str]) -> None:
    """Looking something up loads the YAML reader, and pydantic by which typer reads arguments; nothing heavier."""
    assert loaded("catalog", *arguments) <= {"yaml", "pydantic"}


HEAVY = ("pulp", "highspy", "pandas", "numpy", "scipy", "networkx", "pydantic", "yaml")


def loaded(*arguments: str) -> set[str]:
    """Which of the heavy packages a command brings in, in a process of its own."""
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom fleetopt.cli.main import app\n"
        f"done = CliRunner().invoke(app, {list(arguments)!r})\nassert done.exit_code == 0, done.output\n"
        f"print(*({set(HEAVY)!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
