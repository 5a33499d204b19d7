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


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write `files` (by relative path, manifest.json among them) as `folder`, replacing an earlier run.

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
        for name, content in files.items():
            _write_file(beside / name, content)
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


def write_into(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write `files` (by relative path) into a folder that may be there, each file whole or not at all.

    Raises UsageError where one would land outside the folder (a link leads away) or the disk refuses.
    """
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.parent.resolve().is_relative_to(folder.resolve()):
                raise UsageError(f"{path}: its folder is a link that leads out of {folder}; remove the link")
            handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
            os.close(handle)
            try:
                _write_file(Path(beside), content)
                Path(beside).chmod(0o644)
                Path(beside).replace(path)
            finally:
                Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror or error}; try --out with another folder") from error


def _write_file(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
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
