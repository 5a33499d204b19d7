"""A bounded reader of JSON that knows the line of every value, and refuses what readers disagree on.

Size, depth and number of values are bounded; keys that stand twice, NaN, Infinity and numbers too large to hold are
refused, with their line. Other tools write keys in their own case, so a reader may ask for keys without case.
"""

import json
import math
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from fleetopt.errors import InputError, Issue
from fleetopt.instance.located import Document, Lines, Path, Place

MOST_BYTES = 8_000_000
MOST_VALUES = 200_000
MOST_DEPTH = 32
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*+"')
_LONGEST_NUMBER = 60
_WORDS = {"true": True, "false": False, "null": None}


def read_json(path: FilePath) -> Document:
    """The value in a file. Raises InputError, with file and line, for anything that is not a JSON file of that size."""
    shown = str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _fatal(shown, 1, "this is not a plain file", "try the path of a JSON file")
        if status.st_size > MOST_BYTES:
            size = f"the file has {status.st_size / 1e6:,.1f} MB; the most that is read is {MOST_BYTES / 1e6:g} MB"
            raise _fatal(shown, 1, size, "try a smaller case")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _fatal(shown, 1, "there is no such file", "try checking the path") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _fatal(shown, 1, f"the file cannot be read ({reason})", "try checking the path") from None
    try:
        return parse_json(raw.decode("utf-8-sig"), shown)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _fatal(shown, line, "this is not UTF-8 text", "try saving the file as UTF-8") from None


def parse_json(text: str, shown: str) -> Document:
    """The value in a text; like `read_json`."""
    parser = _Parser(text, shown)
    value, end = parser.value(parser.skip(0), ())
    end = parser.skip(end)
    if end != len(text):
        raise parser.fatal(end, "something stands after the end of the value", "try one JSON value a file")
    return Document(value, Lines(parser.places, shown))


def _fatal(shown: str, line: int, message: str, hint: str) -> InputError:
    return InputError([Issue(shown, line, "", message, hint)])


@dataclass
class _Parser:
    text: str
    shown: str
    places: dict[Path, Place] = field(default_factory=dict)
    _counted_to: int = 0
    _line: int = 1

    def skip(self, at: int) -> int:
        """The next position that is no white space."""
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def fatal(self, at: int, message: str, hint: str) -> InputError:
        """A problem at a position."""
        return _fatal(self.shown, self.text.count("\n", 0, at) + 1, message, hint)

    def value(self, at: int, path: Path) -> tuple[Any, int]:
        """The value that begins at a position, and where it ends."""
        if len(path) > MOST_DEPTH:
            raise self.fatal(at, f"values are nested deeper than {MOST_DEPTH}", "try a flatter file")
        if len(self.places) >= MOST_VALUES:
            raise self.fatal(at, f"there are more than {MOST_VALUES:,} values", "try a smaller case")
        self._line += self.text.count("\n", self._counted_to, at)
        self._counted_to = at
        self.places[path] = Place(self.shown, self._line)
        start = self.text[at : at + 1]
        if start == "{":
            return self._mapping(at, path)
        if start == "[":
            return self._list(at, path)
        if start == '"':
            return self._string(at)
        for word, meant in _WORDS.items():
            if self.text.startswith(word, at):
                return meant, at + len(word)
        return self._number(at)

    def _mapping(self, at: int, path: Path) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise self.fatal(at, "a key in quotes is missing", 'try "key": value')
            key, end = self._string(at)
            if key in found:
                raise self.fatal(at, f"the key {key!r} stands twice", "try removing one")
            end = self.skip(end)
            if self.text[end : end + 1] != ":":
                raise self.fatal(end, f"the value of {key!r} is missing", 'try "key": value')
            found[key], end = self.value(self.skip(end + 1), (*path, key))
            end = self.skip(end)
            if self.text[end : end + 1] == "}":
                return found, end + 1
            at = self._after_comma(end, "}")

    def _list(self, at: int, path: Path) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            item, end = self.value(at, (*path, len(found)))
            found.append(item)
            end = self.skip(end)
            if self.text[end : end + 1] == "]":
                return found, end + 1
            at = self._after_comma(end, "]")

    def _after_comma(self, at: int, closing: str) -> int:
        if self.text[at : at + 1] != ",":
            raise self.fatal(at, f"a comma or {closing} is missing", "try checking commas and brackets")
        return self.skip(at + 1)

    def _string(self, at: int) -> tuple[str, int]:
        found = _STRING.match(self.text, at)
        if found is None:
            raise self.fatal(at, "a text does not end, or holds what must be escaped", "try checking quotes")
        try:
            return str(json.loads(found[0])), found.end()
        except ValueError:
            raise self.fatal(at, "a text has an escape that JSON does not know", "try checking \\") from None

    def _number(self, at: int) -> tuple[int | float, int]:
        found = _NUMBER.match(self.text, at)
        if found is None:
            said = repr(self.text[at : at + 12]) if at < len(self.text) else "the end of the file"
            raise self.fatal(at, f"{said} stands where a value is meant", "try checking the JSON")
        if len(found[0]) > _LONGEST_NUMBER or not math.isfinite(float(found[0])):
            raise self.fatal(at, "a number is too large or too long", "try a shorter one")
        whole = found[2] is None and found[3] is None
        return (int(found[0]) if whole else float(found[0])), found.end()
