"""A bounded, strict reader of YAML: plain data with the line of every path, or findings with their lines.

Size is looked at before reading; depth and number of nodes are bounded; anchors, aliases, tags, merge keys, second
documents, duplicate keys, binary and the traps of `scalars` are refused. The parser gives events, never objects.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from fleetopt.errors import InputError, Issue
from fleetopt.instance.located import Document, Finding, Lines, Path, Place
from fleetopt.instance.scalars import NOT_TEXT, Trap, plain_scalar

MAX_DEPTH = 40
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Bounds:
    """How much is read at most."""

    size: int = 5_000_000
    """Bytes of a file, characters of a text."""
    nodes: int = 300_000
    """Keys and values."""


INPUT = Bounds()
"""What people write."""
RESOLVED = Bounds(size=60_000_000, nodes=6_000_000)
"""What fleetopt writes: catalogue entries and demand tables are written out in it."""


def read_file(path: FilePath, shown: str, bounds: Bounds = INPUT) -> Document:
    """The document in a file; `shown` is its name in messages. Raises InputError where it cannot be read at all."""
    raw = read_bytes(path, shown, bounds)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _fatal(shown, line, "this is not UTF-8 text", "try saving the file as UTF-8") from None
    return read_text(text, shown, bounds)


def read_bytes(path: FilePath, shown: str, bounds: Bounds = INPUT) -> bytes:
    """The bytes of a plain file of bearable size; anything else raises InputError before a byte is read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _fatal(shown, 1, "this is not a plain file", "try the path of a YAML file")
        if status.st_size > bounds.size:
            message = f"the file has {status.st_size / 1e6:,.1f} MB; the most that is read is {bounds.size / 1e6:g} MB"
            raise _fatal(shown, 1, message, "try demand from CSV, or several files with include")
        return path.read_bytes()
    except FileNotFoundError:
        raise _fatal(shown, 1, "there is no such file", "try checking the path") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _fatal(shown, 1, f"the file cannot be read ({reason})", "try checking the path") from None


def read_text(text: str, shown: str, bounds: Bounds = INPUT) -> Document:
    """The document in `text`; like `read_file`."""
    strange = NOT_TEXT.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise _fatal(shown, line, f"this is not text (character U+{ord(strange[0]):04X})", "try a text file in YAML")
    if len(text) > bounds.size:
        raise _fatal(shown, 1, f"the text is longer than {bounds.size / 1e6:g} MB", "try several files with include")
    reader = _Reader(yaml.parse(text, Loader=_PARSER), shown, bounds)
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise _fatal(
            shown,
            mark.line + 1 if mark else 1,
            f"this is not YAML ({problem})",
            "try checking indentation, brackets and quotes",
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _fatal(shown, 1, f"this is not YAML ({error})", "try a YAML file") from None
    return Document(data, Lines(reader.places, shown), tuple(reader.findings))


class _Reader:
    """Builds plain data from parser events, noting the line of each path."""

    def __init__(self, events: Iterator[Any], shown: str, bounds: Bounds) -> None:
        self.events = events
        self.shown = shown
        self.bounds = bounds
        self.nodes = 0
        self.places: dict[Path, Place] = {}
        self.findings: list[Finding] = []

    def document(self) -> Any:
        """The one document of the stream."""
        self._next(), self._next()
        if isinstance(self.last, yaml.StreamEndEvent):
            return None
        self.places[()] = Place(self.shown, 1)
        data = self._value(self._next(), (), 0)
        self._next(), self._next()
        if not isinstance(self.last, yaml.StreamEndEvent):
            raise self._fatal(self.last, "a second document starts here", "try one document a file")
        return data

    def _next(self) -> Any:
        self.last = next(self.events)
        return self.last

    def _value(self, event: Any, path: Path, depth: int) -> Any:
        self._check(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _check(self, event: Any, depth: int) -> None:
        self.nodes += 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._fatal(event, "anchors and aliases (& and *) are not read", "try writing the value out")
        if event.tag is not None:
            raise self._fatal(event, f"the tag {event.tag} is not read", "try plain data; quotes make text")
        if depth > MAX_DEPTH:
            raise self._fatal(event, f"nested more than {MAX_DEPTH} deep", "try checking brackets and indentation")
        if self.nodes > self.bounds.nodes:
            raise self._fatal(event, f"more than {self.bounds.nodes:,} values", "try demand from CSV")

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*path, len(items))
            self.places[here] = self._place(event)
            items.append(self._value(event, here, depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            self._check(event, depth + 1)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._fatal(event, "a key must be text", "try a name and a colon")
            key = self._key(event, path)
            here = (*path, key)
            known = self.places.get(here)
            if key in fields and known:
                message = f"the key {key!r} is given twice, first in line {known.line}"
                self._find(event, here, message, "try removing one")
                self._value(self._next(), (*path, f"{key} (again)"), depth + 1)
                continue
            self.places[here] = self._place(event)
            fields[key] = self._value(self._next(), here, depth + 1)
        return fields

    def _key(self, event: Any, path: Path) -> str:
        key = self._scalar(event, (*path, event.value))
        if event.value == "<<" and event.implicit[0]:
            raise self._fatal(event, "merge keys (<<) are not read", "try writing the fields out")
        if not isinstance(key, str):
            self._find(event, (*path, event.value), f"the key {event.value!r} is not text", "try it in quotes")
        return str(event.value)

    def _scalar(self, event: Any, path: Path) -> Any:
        """Value of a scalar; a trap is noted and stands as its text."""
        text = str(event.value)
        strange = NOT_TEXT.search(text)
        if strange:
            raise self._fatal(event, f"the text holds the character U+{ord(strange[0]):04X}", "try removing it")
        if not event.implicit[0]:
            return text
        try:
            return plain_scalar(text)
        except Trap as trap:
            self._find(event, path, trap.message, trap.hint)
            return text

    def _place(self, event: Any) -> Place:
        return Place(self.shown, event.start_mark.line + 1)

    def _find(self, event: Any, path: Path, message: str, hint: str) -> None:
        self.findings.append(Finding(path, message, hint, self._place(event)))

    def _fatal(self, event: Any, message: str, hint: str) -> InputError:
        return _fatal(self.shown, event.start_mark.line + 1, message, hint)


def _fatal(file: str, line: int, message: str, hint: str) -> InputError:
    return InputError([Issue(file, line, "", message, hint)])
