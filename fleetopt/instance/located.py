"""Where things stand: paths into an instance's plain data, their files and lines, and findings about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from fleetopt.errors import Issue

Path = tuple[str | int, ...]
"""Keys and list positions from the root."""


class Place(NamedTuple):
    """A line of a file, as messages show it."""

    file: str
    line: int


@dataclass(frozen=True)
class Finding:
    """Something to say about a path; a warning does not stop the load."""

    path: Path
    message: str
    hint: str = ""
    place: Place | None = None
    """Overrides the place of the path."""
    warning: bool = False


@dataclass(frozen=True)
class Lines:
    """Places of the paths that were written in a file."""

    places: Mapping[Path, Place]
    name: str
    """The file shown where nothing else is known."""

    def place(self, path: Path) -> Place:
        """Place of `path`, or of the nearest path above it that was written."""
        for end in range(len(path), -1, -1):
            found = self.places.get(path[:end])
            if found is not None:
                return found
        return Place(self.name, 1)

    def adding(self, places: Mapping[Path, Place]) -> "Lines":
        """These places and `places`."""
        return Lines({**self.places, **places}, self.name)


@dataclass(frozen=True)
class Document:
    """What was read: plain data, places, findings so far, and the folder that further files may come from."""

    data: Any
    lines: Lines
    findings: tuple[Finding, ...] = ()
    folders: Mapping[str, FilePath] = field(default_factory=dict)
    """Real folder of each file read, by the name messages show."""
    root: FilePath | None = None
    """Real folder that nothing may be read from outside of; None where there is none."""


def label(item: Any, index: int) -> str:
    """How a list item is addressed: its id, the region of a demand row, the ends of a link, or its position."""
    if isinstance(item, Mapping):
        if isinstance(item.get("id"), str):
            return str(item["id"])
        if isinstance(item.get("region"), str) and "period" not in item:
            return str(item["region"])
        if isinstance(item.get("a"), str) and isinstance(item.get("b"), str):
            return f"{item['a']}-{item['b']}"
    return str(index)


def dotted(path: Path, data: Any) -> str:
    """`path` for people: dotted, with list items by id."""
    words = []
    for step in path:
        if isinstance(data, Mapping):
            words.append(str(step))
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            words.append(label(data[step], step))
            data = data[step]
        else:
            words.append(str(step))
            data = None
    return ".".join(words)


def value_at(data: Any, path: Path) -> Any:
    """The value at `path`, or None where there is none."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def issues(findings: Iterable[Finding], data: Any, lines: Lines) -> tuple[Issue, ...]:
    """Findings with file, line and dotted path, in the order of the files; each said once."""
    order: dict[str, int] = {}
    for place in lines.places.values():
        order.setdefault(place.file, len(order))
    found = []
    for finding in findings:
        place = finding.place or lines.place(finding.path)
        found.append(Issue(place.file, place.line, dotted(finding.path, data), finding.message, finding.hint))
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda issue: (order.get(issue.file, -1), issue.line)))


def mappings(items: Any) -> Sequence[tuple[int, dict[str, Any]]]:
    """The mappings among the items of a list, with their positions; nothing where it is no list."""
    return [(i, item) for i, item in enumerate(items) if isinstance(item, dict)] if isinstance(items, list) else []
