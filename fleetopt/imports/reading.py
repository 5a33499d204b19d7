"""Reading plain data of another tool: every problem noted with its path, a stand-in returned, and all said at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fleetopt.errors import InputError
from fleetopt.instance.located import Document, Finding, Path, issues

LONGEST_NAME = 120
Number = int | float


@dataclass
class Reading:
    """One document, and what was found wrong in it; keys are looked up without case where `caseless`."""

    document: Document
    caseless: bool = False
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, path: Path, message: str, hint: str) -> None:
        """Note a problem."""
        self.findings.append(Finding(path, message, hint))

    def key(self, mapping: dict[str, Any], name: str) -> str | None:
        """The key of a mapping that is meant by a name, or None where there is none."""
        if name in mapping or not self.caseless:
            return name if name in mapping else None
        return next((key for key in mapping if key.lower() == name.lower()), None)

    def below(self, at: Path, mapping: dict[str, Any], name: str) -> tuple[Path, Any]:
        """Path and value of a name in a mapping; the value is None where it is absent."""
        key = self.key(mapping, name)
        return ((*at, name), None) if key is None else ((*at, key), mapping[key])

    def mapping(self, at: Path, value: Any, what: str) -> dict[str, Any]:
        """A mapping; empty where it is none."""
        if isinstance(value, dict):
            return value
        self.wrong(at, f"{_said(value)} stands where {what} is meant", "try { }")
        return {}

    def items(self, at: Path, value: Any, what: str) -> list[Any]:
        """A list; empty where it is none."""
        if isinstance(value, list):
            return value
        self.wrong(at, f"{_said(value)} stands where {what} is meant", "try [ ]")
        return []

    def mappings(self, at: Path, value: Any, what: str) -> Iterable[tuple[Path, dict[str, Any]]]:
        """The mappings of a list, with their paths."""
        for n, item in enumerate(self.items(at, value, f"a list of {what}")):
            yield (*at, n), self.mapping((*at, n), item, what)

    def number(
        self, at: Path, value: Any, least: Number, most: Number, default: Number | None = None, whole: bool = False
    ) -> Number:
        """A number within bounds; `default` where it is absent, `least` where it is wrong."""
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            message = "the field is missing" if value is None else f"{_said(value)} stands where a number is meant"
            self.wrong(at, message, f"try a number of {least:g} to {most:g}")
        elif not least <= value <= most:
            self.wrong(at, f"{value:g} is not between {least:g} and {most:g}", "try a number in between")
        elif whole and value != int(value):
            self.wrong(at, f"{value:g} is not a whole number", f"try {round(value)}")
        else:
            return int(value) if whole else value
        return least

    def flag(self, at: Path, value: Any, default: bool = False) -> bool:
        """A truth; `default` where it is absent."""
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.wrong(at, f"{_said(value)} stands where true or false is meant", "try true or false")
        return default

    def name(self, at: Path, value: Any) -> str:
        """A short printable name."""
        if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= LONGEST_NAME:
            return value
        message = "the field is missing" if value is None else f"{_said(value)} is not a name"
        self.wrong(at, message, f"try 1 to {LONGEST_NAME} printable characters")
        return "?"

    def finish(self) -> None:
        """Raise InputError with everything noted, if anything was."""
        said = issues(self.findings, self.document.data, self.document.lines)
        if said:
            raise InputError(said)


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


class Ids:
    """Ids made from names: lower case, unique, the same each time."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The id of a name."""
        if name not in self._of:
            taken = set(self._of.values())
            id_ = base = slug(name)
            number = 2
            while id_ in taken:
                id_, number = f"{base}-{number}", number + 1
            self._of[name] = id_
        return self._of[name]


def slug(name: str, most: int = 48) -> str:
    """A name as an id: lower-case letters, digits, `_` and `-`."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in name.lower())
    return kept.strip("-_")[:most].strip("-_") or "x"
