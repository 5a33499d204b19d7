"""Further files of an instance: only from below its folder, by relative paths that do not lead out of it."""

from pathlib import Path as FilePath
from pathlib import PurePosixPath

from fleetopt.instance.located import Document


class OutsideError(ValueError):
    """A path that may not be read: what is wrong, and what to try."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


def inside(document: Document, referrer: str, name: object) -> tuple[FilePath, str]:
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
    try:
        real = (document.folders[referrer] / name).resolve()
    except (OSError, RuntimeError, ValueError):
        raise OutsideError(f"{name!r} cannot be followed to a file", below) from None
    if not real.is_relative_to(document.root):
        raise OutsideError(f"{name!r} leads out of the instance's folder", below)
    return real, str(FilePath(referrer).parent / name)
