"""Fuzzing of the loader: whatever stands in the file, an instance or findings come back, soon, and never a traceback.

`nox -s fuzz -- --minutes 10` tries spoilt instance files, plain data and overrides until the time is up, a
case a seed, and keeps what went wrong in `--keep FOLDER` with its traceback. A case is tried again with `--only SEED`.
With every thousandth seed hypothesis adds a few hundred texts, documents and overrides that nobody wrote.
"""

import argparse
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml
from generate import rounds
from instance_texts import TINY
from spoil import bytes_of, lines_of, overrides_of, structure_of, words_of

from fleetopt.errors import InputError, Issue, UsageError
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load, load_dict, load_resolved, load_text, read_data

ROOT = Path(__file__).parents[2]
EACH = 1000
"""Seeds between two rounds of hypothesis."""
EXAMPLES = 100
"""Values of each kind a round."""
SECONDS = 20.0
"""Most of the processor's time a case may take; the longest seen is reported."""
MEMORY_BYTES = 4_000_000_000
LONGEST_MESSAGE = 4_000
DEMAND = "period,region,slice,rate_per_s\n2027q1,east,day,15\n2027q1,east,night,5\n2027q2,east,day,20\n"
_DUMPER = getattr(yaml, "CDumper", yaml.Dumper)


@dataclass(frozen=True)
class Origin:
    """Something to spoil: the files of an instance, the first of which is loaded."""

    files: dict[str, bytes]
    data: Any
    """What the instance's data are, includes merged."""


@dataclass
class Tally:
    """What came of the cases."""

    cases: Counter[str] = field(default_factory=Counter)
    """By kind and outcome."""
    failures: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    longest: str = ""


def origins() -> list[Origin]:
    """The tutorials, the tiny instance (plain, with its demand from a table, in two files), and the reference."""
    paths = [*sorted((ROOT / "instances" / "tutorial").glob("*.yaml"))] * 4
    paths += sorted((ROOT / "instances" / "reference").glob("*.yaml"))
    found = [Origin({path.name: path.read_bytes()}, read_data(path)) for path in paths]
    plain = yaml.safe_load(TINY.replace("$300k", "300000"))
    table = TINY.replace(
        "      regions:\n        - region: east\n          rate_per_s: 10\n", "      csv: demand.csv\n"
    )
    head, tail = TINY[: TINY.index("systems:")], TINY[TINY.index("systems:") :]
    parts = {"main.yaml": f"include: [part.yaml]\n{head}".encode(), "part.yaml": tail.encode()}
    for files in ({"main.yaml": TINY.encode()}, {"main.yaml": table.encode(), "demand.csv": DEMAND.encode()}, parts):
        found += [Origin(files, plain)] * 3
    return found


def try_case(seed: int, choices: list[Origin], folder: Path, tally: Tally) -> None:
    """One case, from its seed; a failure is noted with all it takes to see it again."""
    draw = Random(seed)
    origin = draw.choice(choices)
    kind = draw.choice(("bytes", "words", "lines", "lines", "structure", "structure", "data", "set", "set"))
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        outcome = _outcome(kind, origin, draw, folder)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        outcome = "FAILED"
        tally.failures.append(f"seed {seed} ({kind}):\n{traceback.format_exc()}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - began
    if took > tally.longest_s:
        tally.longest_s, tally.longest = took, f"seed {seed} ({kind})"
    tally.cases[f"{kind}: {outcome}"] += 1


def _outcome(kind: str, origin: Origin, draw: Random, folder: Path) -> str:
    """`loaded` or `refused`; anything else is an exception."""
    files, overrides = dict(origin.files), []
    name = next(iter(files))
    if kind == "data":
        return judge(lambda: load_dict(structure_of(origin.data, draw)), folder)
    if kind == "structure":
        spoilt = structure_of(origin.data, draw)
        files[name] = yaml.dump(spoilt, Dumper=_DUMPER, sort_keys=False, allow_unicode=True).encode(
            "utf-8", "surrogatepass"
        )
    elif kind == "set":
        overrides = overrides_of(origin.data, draw)
    else:
        ways = {"bytes": bytes_of, "words": words_of, "lines": lines_of}
        which = draw.choice(list(files))
        files[which] = ways[kind](files[which], draw)
    for file, raw in files.items():
        (folder / file).write_bytes(raw)
    return judge(lambda: load(folder / name, overrides), folder)


def generated(number: int, folder: Path, tally: Tally, examples: int = EXAMPLES) -> None:
    """A round of what hypothesis makes; a failure is noted with the example that shows it."""

    def check(kind: str, value: Any) -> None:
        if kind == "text":
            outcome = judge(lambda: load_text(value), folder)
        elif kind == "document":
            outcome = judge(lambda: load_dict(value), folder)
        else:
            outcome = judge(lambda: load_text(TINY, overrides=value), folder)
        tally.cases[f"hypothesis {kind}: {outcome}"] += 1

    try:
        rounds(check, number, examples)
    except Exception:
        tally.cases["hypothesis: FAILED"] += 1
        tally.failures.append(f"hypothesis round {number}:\n{traceback.format_exc()}")


def judge(loads: Any, folder: Path) -> str:
    """What loading ends with. A loaded instance must also survive being written and read again."""
    try:
        loaded = loads()
    except InputError as error:
        assert error.issues, "an InputError without an issue"
        for issue in error.issues:
            check_issue(issue)
        return "refused"
    except UsageError as error:
        assert str(error).strip(), "a UsageError without a word"
        return "refused"
    for issue in loaded.warnings:
        check_issue(issue)
    text = dump_resolved(loaded.instance)
    (folder / "resolved.yaml").write_text(text, encoding="utf-8")
    assert load_resolved(folder / "resolved.yaml") == loaded.instance, "resolved.yaml says something else"
    return "loaded"


def check_issue(issue: Issue) -> None:
    """File, line, message, all printable, on one line each and of bearable length."""
    said = str(issue)
    assert issue.file and issue.line >= 1 and issue.message.strip(), f"ill-formed: {issue!r}"
    assert said.isprintable(), f"not one printable line: {said!r}"
    assert len(said) <= LONGEST_MESSAGE, f"{len(said)} characters: {said[:200]!r}"
    said.encode("utf-8")


def fuzz(seeds: Any, tally: Tally, until: float = float("inf")) -> Tally:
    """Try the seeds one after the other, until the time (monotonic) is up."""
    warnings.simplefilter("error")
    signal.signal(signal.SIGPROF, _too_long)
    choices = origins()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            if time.monotonic() > until:
                break
            try_case(seed, choices, Path(folder), tally)
            if (seed + 1) % EACH == 0:
                generated(seed, Path(folder), tally)
    return tally


def _too_long(*_: Any) -> None:
    raise TimeoutError(f"more than {SECONDS:g} s")


def main() -> int:
    """The session: report, keep failures, and 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--only", type=int, help="this seed alone")
    parser.add_argument("--keep", type=Path, default=ROOT / "runs" / "fuzz", help="folder for what went wrong")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    until = time.monotonic() + asked.minutes * 60
    seeds = [asked.only] if asked.only is not None else range(asked.first, sys.maxsize)
    tally = fuzz(seeds, Tally(), until)
    count = sum(tally.cases.values())
    lines = [f"{count:,} cases, {len(tally.failures)} failures; seeds from {seeds[0]}"]
    lines += [f"  {number:>8,} {what}" for what, number in sorted(tally.cases.items())]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines.append(f"longest case {tally.longest_s:.2f} s: {tally.longest}; peak memory {peak_mb:,.0f} MB")
    sys.stdout.write("\n".join(lines) + "\n")
    if tally.failures:
        asked.keep.mkdir(parents=True, exist_ok=True)
        (asked.keep / "failures.txt").write_text("\n".join(tally.failures), encoding="utf-8")
        sys.stdout.write(f"what went wrong: {asked.keep / 'failures.txt'}\n{tally.failures[0]}\n")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
