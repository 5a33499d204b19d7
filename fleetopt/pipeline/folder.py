"""The run folder: written beside its place, then renamed into it, so that it is there whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleetopt.errors import UsageError

MANIFEST = "manifest.json"
MARK = "fleetopt run folder"
"""`kind` in the manifest of every folder we wrote: only such a folder is ever replaced."""


def instance_hash(resolved: str) -> str:
    """SHA-256 of resolved.yaml's text."""
    return hashlib.sha256(resolved.encode("utf-8")).hexdigest()


def default_folder(name: str, resolved: str) -> Path:
    """`runs/<instance>-<hash>`."""
    return Path("runs") / f"{name}-{instance_hash(resolved)[:8]}"


def check_target(folder: Path) -> None:
    """Refuse a target that is neither absent nor an earlier run folder (UsageError), before any work is done."""
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not folder.is_dir() or not is_run_folder(folder):
        raise UsageError(f"--out {folder}: exists and is not an earlier run folder; try another --out, or remove it")


def is_run_folder(folder: Path) -> bool:
    """Whether a folder is one we wrote."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("kind") == MARK


def to_json(data: Any) -> str:
    """JSON in the order of the data, with a line break at the end; NaN and infinity are an error."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files` (text by relative path, manifest.json among them) as `folder`, replacing an earlier run.

    Raises UsageError where the folder may not be replaced or the disk refuses.
    """
    check_target(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror or error}; try another --out") from error
    try:
        beside.chmod(0o755)
        for name, text in files.items():
            _write_file(beside / name, text)
        _sync(beside)
        _swap(beside, folder)
        _sync(folder.parent)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror or error}; try another --out") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _swap(beside: Path, folder: Path) -> None:
    """Move the earlier run aside, the new one in, and only then drop the earlier one."""
    if not folder.exists():
        beside.replace(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    try:
        folder.replace(old / "run")
        beside.replace(folder)
    finally:
        if not folder.exists() and (old / "run").exists():
            (old / "run").replace(folder)
        shutil.rmtree(old, ignore_errors=True)


def _write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Ask the file system to keep the folder's entries (where it knows how)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
