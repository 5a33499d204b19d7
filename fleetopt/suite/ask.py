"""One question without a suite file: where a fact flips on an instance, or the regret of a suite that has run."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from fleetopt.errors import InputError, UsageError
from fleetopt.files import whole_file
from fleetopt.instance.overrides import Override, parse
from fleetopt.suite.asked import flip_of, priced_shortfall
from fleetopt.suite.courses import run_courses
from fleetopt.suite.facts import Fact
from fleetopt.suite.flip import FlipFound, flip_course
from fleetopt.suite.flip_report import write_flip
from fleetopt.suite.questions import Flip
from fleetopt.suite.regret import ReadyRegret, RegretFound, regret_course
from fleetopt.suite.regret_report import write_regret
from fleetopt.suite.runs import PLANNED, Run, SuiteOptions
from fleetopt.suite.standing import Progress, silent

MARK = "suite.json"
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def find_flip(
    instance: str | Path,
    path: str | Sequence[str],
    fact: Fact | Mapping[str, Any],
    *,
    between: tuple[Any, Any] | None = None,
    values: Sequence[Any] | None = None,
    scale: Literal["linear", "log"] = "linear",
    times: bool = False,
    within: float = 0.02,
    points: int = 0,
    prove: bool = False,
    title: str = "",
    overrides: Iterable[str | Override] = (),
    out: str | Path | None = None,
    options: SuiteOptions | None = None,
    progress: Progress = silent,
) -> FlipFound:
    """The value of a parameter at which a fact about the cheapest plan changes, with both plans and what changed.

    `path` is one or more figures of the instance, as in `--set`; `between` are the first and last value (numbers with
    or without their unit, whole numbers, periods), or `values` an ordered list; with `times` they are factors on what
    stands there. `fact` says what changes: `{"uses": {"system": "cs-3", "workload": "chat"}}`. The bracket is `within`
    this share of its ends; `points` values in between are looked at first. Runs and pages go to `out`
    (`runs/<instance>-flip` by default), which is taken up again where it was left.

    Raises InputError or UsageError before anything runs where the question makes no sense.
    """
    file = Path(instance)
    asked: dict[str, Any] = {"path": path if isinstance(path, str) else tuple(path), "between": between}
    asked |= {"values": None if values is None else tuple(values), "scale": scale, "times": times, "within": within}
    asked |= {"points": points, "prove": prove, "title": title}
    changes = parse(overrides)
    try:
        flip = Flip(**asked, fact=fact if isinstance(fact, Fact) else Fact.model_validate(fact))
        ready = flip_of("", flip, lambda _base, _names: (file, changes), folder="")
    except InputError:
        raise
    except ValidationError as error:
        raise _not_so(error) from None
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    folder = Path(out) if out is not None else Path("runs") / f"{file.stem}-flip"
    prepare(folder, {"flip": str(file), "path": asked["path"], "fact": ready.fact.said})
    found = run_courses({"flip": flip_course(ready)}, folder, options, progress)["flip"]
    write_flip(folder, found)
    return found


def _not_so(error: ValidationError) -> UsageError:
    """What pydantic says of the question, in our words."""
    said = [
        f"{'.'.join(map(str, e['loc'])) or 'flip'}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
    ]
    return UsageError("\n".join(said))


def regret_of(
    folder: Path,
    scenarios: Sequence[str] = (),
    weights: Mapping[str, float] | None = None,
    shortfall_usd: float | None = None,
    workers: int | None = None,
    memory_gb: float | None = None,
    progress: Progress = silent,
) -> RegretFound:
    """Regret of the plans in the folder of a suite that has run; regret.md and the evaluations go there too.

    Each scenario is what its run folder's resolved.yaml says, and is evaluated with the gap, time limit and solver that
    it was solved with; all that have a plan where `scenarios` names none.
    """
    if not (folder / MARK).is_file():
        raise UsageError(f"{folder}: no folder of a suite; try the --out of `fleetopt suite`")
    names = list(scenarios) or _planned(folder)
    for name in (*names, *(weights or {})):
        if not _ID.fullmatch(name):
            raise UsageError(f"{name!r} is no name of a scenario; {_instead(folder)}")
        if _status(folder / name) not in PLANNED:
            raise UsageError(f"{folder / name}: no plan of a scenario {name!r}; {_instead(folder)}")
    if len(names) < 2:
        raise UsageError(f"{folder}: regret takes two scenarios with plans or more; {_instead(folder)}")
    stray = [name for name in weights or {} if name not in names]
    if stray:
        raise UsageError(f"--weight {stray[0]}: none of the scenarios that are compared; {_instead(folder)}")
    runs = tuple(Run(name, name, folder / name / "resolved.yaml") for name in names)
    given = [float((weights or {}).get(name, 1.0)) for name in names]
    if min(given) < 0 or sum(given) <= 0:
        raise UsageError("weights are numbers from 0, one of them above; try --weight base=2")
    priced = {run.name: priced_shortfall(run, shortfall_usd) for run in runs}
    asked = ReadyRegret(runs, tuple(given), priced)
    options = _options(folder / names[0], workers, memory_gb)
    found = run_courses({"regret": regret_course(asked)}, folder, options, progress)["regret"]
    write_regret(folder, found)
    return found


def _options(folder: Path, workers: int | None, memory_gb: float | None) -> SuiteOptions:
    """The options that a run was solved with."""
    try:
        said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["options"]
        return SuiteOptions(float(said["gap"]), float(said["time_limit_s"]), str(said["solver"]), workers, memory_gb)
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder}: its manifest.json does not say how it was solved; run the suite again") from None


def _planned(folder: Path) -> list[str]:
    """Scenarios with a plan, in the order of the suite where it says one."""
    try:
        said = json.loads((folder / MARK).read_text(encoding="utf-8"))
        listed = list(said.get("scenarios", {}))
    except (OSError, ValueError, AttributeError):
        listed = []
    return [name for name in listed if _ID.fullmatch(name) and _status(folder / name) in PLANNED]


def _status(folder: Path) -> str:
    try:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "did not run"
    return str(plan.get("status")) if isinstance(plan, dict) else "did not run"


def _instead(folder: Path) -> str:
    known = _planned(folder)
    return f"try some of {', '.join(known)}" if known else "try a suite that has run"


def prepare(folder: Path, question: Mapping[str, Any]) -> None:
    """Make a folder for the runs of one question, or take up one that was left. Raises UsageError for another's."""
    if folder.exists() and not (folder / MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"--out {folder}: exists and holds something else; try another --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror}; try another --out") from None
    with whole_file(folder / MARK) as stream:
        stream.write(json.dumps(question, indent=2, ensure_ascii=False) + "\n")
