"""The command as a whole: help, version, exit codes, streams."""

import re
from typing import Any

import pytest
from typer.testing import CliRunner

from fleetopt import __version__
from fleetopt.cli import instance as instance_group
from fleetopt.cli.main import app
from fleetopt.errors import InputError, Issue, UsageError, VerificationError

COMMANDS = (
    "new",
    "check",
    "schema",
    "demand",
    "candidates",
    "classify",
    "solve",
    "verify",
    "explain",
    "alternatives",
    "report",
    "evaluate",
    "compare",
    "suite",
    "flip",
    "regret",
    "stress",
    "formulation",
    "import",
    "predict",
    "catalog",
)
runner = CliRunner()


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Any:
    """The outcome of `fleetopt check x`, where reading the instance raises `error`."""

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(instance_group, "read_instance", broken)
    return runner.invoke(app, ["check", "x"])


def test_version() -> None:
    """`--version` prints the package's version and ends well."""
    done = runner.invoke(app, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"fleetopt {__version__}\n")


def test_help_lists_the_commands_in_the_order_of_work() -> None:
    """Every command is listed, and commands that do not exist yet are absent."""
    shown = re.findall(r"^│ ([a-z]+) ", runner.invoke(app, ["--help"]).stdout, re.MULTILINE)
    assert tuple(shown) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_teaches(command: str) -> None:
    """The help of every command has an example that begins with the command itself."""
    done = runner.invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert f"Example: fleetopt {command}" in done.stdout


def test_no_arguments_shows_help() -> None:
    """`fleetopt` alone shows the help as a usage error."""
    done = runner.invoke(app, [])
    assert done.exit_code == 2
    assert "Usage" in done.output


@pytest.mark.parametrize("arguments", ["nonsense", "solve", "solve x --gap two", "check x --nope"])
def test_usage_errors_end_with_2(arguments: str) -> None:
    """An unknown command or option, a missing argument and a wrong type are usage errors, on stderr."""
    done = runner.invoke(app, arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


@pytest.mark.parametrize("value", ["nan", "-1", "2"])
def test_gap_is_a_share(value: str) -> None:
    """A gap that is no number from 0 to 1 is refused."""
    assert runner.invoke(app, ["solve", "x", "--gap", value]).exit_code == 2


@pytest.mark.parametrize(
    "error, code",
    [
        (InputError([Issue("f.yaml", 3, "a.b", "wrong", "try right")]), 2),
        (UsageError("cannot"), 2),
        (VerificationError("one figure"), 6),
        (ZeroDivisionError("division by zero"), 1),
    ],
)
def test_errors_end_with_their_code_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    """Each kind of error ends with its exit code, says itself on stderr in so many lines, and shows no traceback."""
    done = failing(monkeypatch, error)
    assert (done.exit_code, done.stdout) == (code, "")
    assert str(error) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_input_errors_say_file_and_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """An input error is printed as `file:line: path: what; hint`."""
    done = failing(monkeypatch, InputError([Issue("f.yaml", 3, "a.b", "wrong", "try right")]))
    assert done.stderr == "f.yaml:3: a.b: wrong; try right\n"


@pytest.mark.parametrize("where", [0, 2])
def test_debug_shows_the_traceback_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, where: int) -> None:
    """`--debug` before or after the command prints the traceback of an unforeseen error as well."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(instance_group, "read_instance", broken)
    arguments = ["check", "x"]
    arguments.insert(where, "--debug")
    done = runner.invoke(app, arguments)
    assert done.exit_code == 1
    assert "Traceback" in done.stderr


def test_an_interrupt_before_there_is_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C where there is nothing to keep ends with 4, stopped with no plan, and one line that names the command."""
    done = failing(monkeypatch, KeyboardInterrupt())
    assert done.exit_code == 4
    assert done.stderr == "check: stopped before its end; nothing half done was written\n"
