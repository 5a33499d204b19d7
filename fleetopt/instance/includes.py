"""`include: [file, ...]`: further files merged into one instance; lists are joined, no key is given twice."""

from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from fleetopt.errors import InputError, Issue
from fleetopt.instance.folder import OutsideError, inside
from fleetopt.instance.located import Document, Finding, Lines, Path, Place
from fleetopt.instance.strict_yaml import read_file

KEY = "include"
MOST_FILES = 100


def read(path: FilePath) -> Document:
    """The file at `path` with everything it includes; included files come first, in the order named."""
    shown = str(path)
    document = read_file(path, shown)
    real = path.resolve()
    document = replace(document, folders={shown: real.parent}, root=real.parent)
    return _Gathering(document, shown, [real]).gathered()


@dataclass
class _Gathering:
    """One file being merged with what it includes; `seen` holds every file read so far, `chain` those that led here."""

    document: Document
    shown: str
    seen: list[FilePath]
    chain: tuple[FilePath, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def gathered(self) -> Document:
        """The merged document."""
        own = self.document
        if not isinstance(own.data, dict):
            what = "the file is empty" if own.data is None else "the file is not a mapping of sections"
            raise InputError([Issue(self.shown, 1, "", what, "try `fleetopt new FILE` for a start")])
        if KEY not in own.data:
            return own
        self.chain = (*self.chain, self.seen[-1])
        names = own.data[KEY]
        if not isinstance(names, list):
            self._find((KEY,), "a list of files is meant", f"try {KEY}: [{names}]")
            names = []
        for index, name in enumerate(names):
            self._include((KEY, index), name)
        self._merge({k: v for k, v in own.data.items() if k != KEY}, own)
        self.findings.extend(own.findings)
        lines = Lines({(): Place(self.shown, 1), **self.places}, self.shown)
        return replace(self.document, data=self.data, lines=lines, findings=tuple(self.findings))

    def _include(self, at: Path, name: object) -> None:
        try:
            real, shown = inside(self.document, self.shown, name)
        except OutsideError as error:
            self._find(at, error.message, error.hint)
            return
        if real in self.chain:
            self._find(at, f"{name!r} includes itself by way of this file", "try removing one of the includes")
        elif real in self.seen:
            self._find(at, f"{name!r} is included twice", "try removing one of the includes")
        elif len(self.seen) >= MOST_FILES:
            self._find(at, f"more than {MOST_FILES} files are included", "try fewer, larger files")
        elif not real.exists():
            self._find(at, f"there is no file {name!r} here", "try checking the path, relative to this file")
        else:
            self._read(real, shown)

    def _read(self, real: FilePath, shown: str) -> None:
        self.seen.append(real)
        part = replace(read_file(real, shown), folders={shown: real.parent}, root=self.document.root)
        merged = _Gathering(part, shown, self.seen, self.chain).gathered()
        self.document = replace(self.document, folders={**self.document.folders, **merged.folders})
        self.findings.extend(merged.findings)
        self._merge(merged.data, merged)

    def _merge(self, data: dict[str, Any], source: Document) -> None:
        """Adds `data` below the root; its places move with it."""
        moved: dict[Path, Path] = {}
        for key, value in data.items():
            self._add(self.data, (key,), value, source, moved)
        for path, place in source.lines.places.items():
            prefix = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in moved), None)
            if prefix is not None:
                self.places.setdefault((*moved[prefix], *path[len(prefix) :]), place)

    def _add(self, target: Any, path: Path, value: Any, source: Document, moved: dict[Path, Path]) -> None:
        key = path[-1]
        if key not in target:
            target[key] = value
            moved[path] = path
        elif isinstance(target[key], dict) and isinstance(value, dict):
            for name, inner in value.items():
                self._add(target[key], (*path, name), inner, source, moved)
        elif _is_entities(target[key]) and _is_entities(value):
            start = len(target[key])
            target[key] = [*target[key], *value]
            moved.update({(*path, i): (*path, start + i) for i in range(len(value))})
        else:
            first, again = self.places.get(path), source.lines.place(path)
            where = f", first in {first.file}:{first.line}" if first else ""
            self.findings.append(Finding(path, f"given twice{where}", "try removing one", again))

    def _find(self, at: Path, message: str, hint: str) -> None:
        self.findings.append(Finding(at, message, hint, self.document.lines.place(at)))


def _is_entities(value: Any) -> bool:
    """Whether a list holds entities or catalogue ids, which may come from several files; numbers may not."""
    return isinstance(value, list) and all(isinstance(item, dict | str) for item in value)
