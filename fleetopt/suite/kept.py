"""What an earlier run of a suite left: told by its content, so that only what has changed runs again."""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load
from fleetopt.pipeline.folder import MANIFEST, instance_hash, is_run_folder
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.versions import code_sha256, versions
from fleetopt.suite.runs import ANSWERED, Run

BESIDE = re.compile(r"^\.(?P<name>[a-z0-9][a-z0-9_.-]*?)-(?P<old>old-)?[a-z0-9_]{8}$")
"""Names of the folders that a run folder is written as before it has its place (`pipeline.folder.write`)."""


@dataclass(frozen=True)
class Content:
    """What the plan of a run follows from."""

    instance_sha256: str
    options: Mapping[str, Any]
    code_sha256: str
    versions: Mapping[str, str]
    held_sha256: str = ""
    """Of the plan that is held."""

    @property
    def key(self) -> str:
        """Equal for runs that give the same plan."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def content(run: Run, options: SolveOptions, held: Path | None = None) -> Content:
    """The content of a run; `held` is the folder of the plan it holds. Raises InputError for an invalid instance."""
    resolved = dump_resolved(load(run.base, run.overrides).instance)
    held_sha256 = hashlib.sha256((held / "plan.json").read_bytes()).hexdigest() if held is not None else ""
    return Content(instance_hash(resolved), asdict(options), code_sha256(), versions(), held_sha256)


def finished(folder: Path, wanted: Content) -> int | None:
    """Exit code of the finished run of that content in a folder; None where there is none.

    One that ended with a proof is finished whatever the time limit; one that was stopped by hand, or failed, never is.
    """
    if not is_run_folder(folder):
        return None
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    code, reason = manifest.get("exit_code"), str(manifest.get("stop_reason"))
    if code not in ANSWERED or reason.startswith("interrupted") or not (folder / "plan.json").is_file():
        return None
    options, asked = dict(manifest.get("options") or {}), dict(wanted.options)
    if code != 5:
        options.pop("time_limit_s", None), asked.pop("time_limit_s")
    same = (
        manifest.get("instance_sha256") == wanted.instance_sha256
        and options == asked
        and manifest.get("code_sha256") == wanted.code_sha256
        and manifest.get("versions") == wanted.versions
        and manifest.get("held_sha256", "") == wanted.held_sha256
    )
    return int(code) if same else None


def sweep(out: Path) -> None:
    """Remove what a killed run left half written; an earlier run that was being replaced gets its place again."""
    for folder in sorted(path for path in out.rglob(".*") if path.is_dir() and not path.is_symlink()):
        said = BESIDE.match(folder.name)
        if said is None or not folder.exists():
            continue
        place = folder.parent / said["name"]
        if said["old"] and (folder / "run").is_dir() and not place.exists():
            (folder / "run").rename(place)
        shutil.rmtree(folder, ignore_errors=True)


def copy_run(source: Path, place: Path) -> None:
    """The run folder `source` again as `place`: whole or not at all."""
    beside = place.with_name(f".{place.name}-copy____")
    shutil.rmtree(beside, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, beside)
    with suppress(FileNotFoundError):
        shutil.rmtree(place)
    beside.rename(place)
