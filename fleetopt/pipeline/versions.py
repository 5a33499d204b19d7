"""What a plan depends on besides its instance and its options."""

import hashlib
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fleetopt import __version__

PACKAGES = ("highspy", "pulp", "numpy", "scipy", "pandas", "pydantic")
ABOVE = ("cli", "suite")
"""Rooms that no plan depends on."""
CODE = (".py", ".yaml", ".csv", ".json", ".html", ".css", ".js")


@cache
def versions() -> dict[str, str]:
    """Of the interpreter, the platform, and the packages that calculate."""
    found = {"python": platform.python_version(), "platform": sys.platform}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


@cache
def code_sha256() -> str:
    """SHA-256 of the package's own files, so that a run of an edited package is told from one of its release."""
    root = Path(__file__).parents[1]
    found = hashlib.sha256(__version__.encode("ascii"))
    for path in sorted(path for path in root.rglob("*") if path.suffix in CODE):
        name = path.relative_to(root)
        if name.parts[0] not in ABOVE:
            found.update(name.as_posix().encode("utf-8") + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
