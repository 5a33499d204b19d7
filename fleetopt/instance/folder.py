"""Further files of an instance: only from below its folder, by relative paths that do not lead out of it."""

import os
from collections.abc import Mapping
from pathlib import PurePosixPath

from fleetopt.instance.located import Document


class OutsideError(ValueError):
    """A path that may not be read: what is wrong, and what to try."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


def inside(document: Document, referrer: str, name: object) -> tuple[str, str]:
    """Real path and name for messages of the file `name`, relative to the folder of the file that names it.

    Raises OutsideError for anything absolute, with `..`, or leading out of the instance's folder by a link.
    """
    below = "try a path below the instance's folder, such as parts/sites.yaml"
    if not isinstance(name, str) or not name or any(ord(c) < 32 for c in name):
        raise OutsideError("a file name is meant", below)
    if document.root is None or referrer not in document.folders:
        raise OutsideError("only an instance read from a file may name further files", "try saving it as a file")
    if "\\" in name or ":" in name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise OutsideError(f"{name!r} may lead out of the instance's folder", below)
    real = os.path.realpath(os.path.join(document.folders[referrer], name))
    if not real.startswith(document.root.rstrip(os.sep) + os.sep):
        raise OutsideError(f"{name!r} leads out of the instance's folder", below)
    return real, os.path.join(os.path.dirname(referrer), name)


def with_folder(document: Document, shown: str, real: str) -> Mapping[str, str]:
    """The document's folders with that of one more file."""
    return {**document.folders, shown: os.path.dirname(real)}
