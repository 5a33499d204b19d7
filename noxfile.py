"""Sessions: `nox` runs the default ones; `nox -l` lists all."""

import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.sessions = ["lint", "tests", "tests_pulp4"]
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"

ROOT = Path(__file__).parent
SUITES = sorted(path.stem for path in (ROOT / "instances" / "suites").glob("*.yaml"))
NEWER = ("3.14", "3.13", "3.12")
"""Interpreters on which PuLP 4 is installed instead of 3.3, best first."""


def install(session: nox.Session, *extras: str) -> None:
    """Install what a user would install, at the pinned versions."""
    target = f".[{','.join(extras)}]" if extras else "."
    session.install("--quiet", "--constraint", "constraints.txt", target)


def run_tests(session: nox.Session, *whole: str) -> None:
    """The test suite on all cores, with options for whole runs alone, or what stands after `--`."""
    session.run("python", "-c", "import sys, pulp; print('python', sys.version.split()[0], 'pulp', pulp.__version__)")
    session.run("pytest", *(session.posargs or ("--numprocesses=auto", "--dist=worksteal", *whole)))


def newer_python() -> str | None:
    """An interpreter of 3.12 or later that really starts (a pyenv shim may not), or None."""
    on_path = [shutil.which(f"python{version}") for version in NEWER]
    pyenv = [str(path) for version in NEWER for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
    for path in filter(None, [*on_path, *pyenv]):
        probe = [path, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
        answer = subprocess.run(probe, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.strip() in NEWER:
            return path
    return None


@nox.session
def tests(session: nox.Session) -> None:
    """The whole test suite on the interpreter that runs nox."""
    install(session, "test")
    run_tests(session)


@nox.session
def coverage(session: nox.Session) -> None:
    """The whole test suite with its coverage, half as long again; below 90 % it fails."""
    install(session, "test")
    run_tests(session, "--cov=fleetopt", "--cov-report=term:skip-covered")


@nox.session(python=newer_python() or "3.12")
def tests_pulp4(session: nox.Session) -> None:
    """The tests with PuLP 4, where the machine has a Python of 3.12 or later besides the one in use.

    Those marked `once` are left out: they look at pages, workbooks and plans already made, which PuLP does not change.
    """
    if sys.version_info >= (3, 12):
        session.skip("session `tests` runs with PuLP 4 already")
    install(session, "test")
    run_tests(session, "-m", "not once")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types, and the layers of the architecture."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Generated files are in step with the code; `nox -s docs -- --write` brings them there."""
    install(session, "test")
    if "--write" in session.posargs:
        session.run("python", "tests/generated.py")
    session.run("pytest", "tests/test_docs.py")


@nox.session
def samples(session: nox.Session) -> None:
    """The reports in reports/sample are what is made now; `nox -s samples -- --write` solves and renews them."""
    install(session, "test")
    session.run("python", "tests/samples.py", *session.posargs)


@nox.session
def theses(session: nox.Session) -> None:
    """docs/theses.md is what its figures and texts make; `nox -s theses -- --write [RUN]` renews it, from a run."""
    install(session, "test")
    session.run("python", "tests/theses.py", *session.posargs)


def run_script(session: nox.Session, script: str) -> None:
    """A script of the test suite, which finds the suite's own helpers."""
    install(session, "test")
    session.run("python", script, *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def agreement(session: nox.Session) -> None:
    """HiGHS, CBC and brute force on 200 random small instances: `nox -s agreement -- --keep FOLDER`."""
    run_script(session, "tests/agreement/agree.py")


@nox.session
def pricing(session: nox.Session) -> None:
    """Pricing against the whole problem on the largest reference instance: some minutes."""
    install(session, "test")
    session.run("pytest", "tests/long/priced_three_segments.py")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Spoilt and made-up files for the loader: `nox -s fuzz -- --minutes 10`."""
    run_script(session, "tests/fuzz/fuzz.py")


@nox.session
def fidelity(session: nox.Session) -> None:
    """Fits the prediction to measurements and judges it: `nox -s fidelity -- [--write] [--quick] [--data FOLDER]`."""
    install(session, "fidelity")
    session.run("python", "benchmarks/fidelity", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """fleetopt beside the plain formulation and its peers, by size: `nox -s bench -- --quick` (docs/benchmarks.md)."""
    install(session)
    session.run("python", "benchmarks/bench", *session.posargs)


@nox.session
def bench_reference(session: nox.Session) -> None:
    """Start-up, suites, then time, memory, size and gap of the reference: `nox -s bench_reference -- --seeds 5`."""
    install(session)
    session.run("python", "benchmarks/startup.py", success_codes=[0, 1])
    session.run("python", "benchmarks/suite.py", success_codes=[0, 1])
    session.run("python", "benchmarks/reference.py", *session.posargs)


@nox.session
@nox.parametrize("suite", SUITES, ids=SUITES)
def scenarios(session: nox.Session, suite: str) -> None:
    """A suite of scenarios side by side: `nox -s "scenarios(reference)"`; options of `fleetopt suite` after `--`."""
    install(session)
    session.run("fleetopt", "suite", f"instances/suites/{suite}.yaml", "--out", f"runs/{suite}", *session.posargs)
