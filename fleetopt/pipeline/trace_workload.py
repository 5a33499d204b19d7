"""`fleetopt demand`: from traces to a workload section, in a file that is only ever replaced where it is our own."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from fleetopt.catalog.load import ids
from fleetopt.demand.section import Named, section_text
from fleetopt.demand.slices import Cycle, Part
from fleetopt.demand.study import Report, Study, Wanted, study
from fleetopt.errors import InputError, Issue, UsageError
from fleetopt.files import whole_file
from fleetopt.instance.models import Precision
from fleetopt.instance.strict_yaml import read_file
from fleetopt.instance.time import Time
from fleetopt.prediction import named as by_name
from fleetopt.prediction.kv_cache import kv_gb_per_sequence, kv_shape_of

_MARK = "# A workload from request traces, by `fleetopt demand`: include or paste it. SHA-256 of the rest: "
_OURS = re.compile(re.escape(_MARK) + "([0-9a-f]{64})\n")


@dataclass(frozen=True)
class TraceWorkload:
    """What was made of traces."""

    study: Study
    text: str
    """The section, ready to be written."""


def trace_workload(
    traces: Sequence[Path], wanted: Wanted, named: Named, kv_precision: Precision, report: Report
) -> TraceWorkload:
    """Read traces and write the section as text. Raises InputError or UsageError where they cannot be used."""
    kv_gb = _kv_gb(named.model, kv_precision)
    found = study(traces, wanted, report)
    if found.reuse is not None and named.published is not None:
        raise UsageError("--reuse-as: the traces have block hashes, which say more; try without it")
    body = section_text(found, named, kv_gb)
    return TraceWorkload(found, f"{_MARK}{_digest(body)}\n{body}")


def slices_of(instance: Path) -> Cycle:
    """Slices that an instance file says itself; nothing else in it is looked at, it need not load yet."""
    document = read_file(instance, str(instance))
    said = document.data.get("time") if isinstance(document.data, dict) else None
    try:
        time = Time.model_validate(said)
    except ValidationError as error:
        what = "no section time here" if said is None else f"its section time is wrong: {error.errors()[0]['msg']}"
        raise InputError([Issue(str(instance), 1, "time", what, "try the file that has it")]) from None
    return Cycle(tuple(Part(s.id, s.start_hour, s.hours) for s in time.slices), time.cycle_hours)


def check_out(out: Path, force: bool) -> None:
    """Refuse a file that is there and not as we wrote it (UsageError), before any work is done."""
    if force or not (out.exists() or out.is_symlink()):
        return
    if out.is_file() and not out.is_symlink() and _is_ours(out):
        return
    raise UsageError(f"{out}: exists and is not as `fleetopt demand` wrote it; try another --out, or --force")


def write_section(out: Path, text: str, force: bool) -> None:
    """Write beside its place, then rename it there. Raises UsageError where that may not or cannot be."""
    check_out(out, force)
    with whole_file(out) as stream:
        stream.write(text)


def _is_ours(out: Path) -> bool:
    """Whether a file is one we wrote and nobody has changed since."""
    try:
        text = out.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    head = _OURS.match(text)
    return head is not None and head[1] == _digest(text[head.end() :])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _kv_gb(model: str, kv_precision: Precision) -> Callable[[float], float] | None:
    """GB of KV of so many tokens of prompts; None for a model that the catalogue does not have."""
    if model not in ids("model"):
        return None
    shape = kv_shape_of(by_name.model(model))
    return lambda tokens: kv_gb_per_sequence(shape, kv_precision, tokens)
