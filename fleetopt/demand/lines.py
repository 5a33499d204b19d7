"""Lines of a trace, plain or gzipped, a few megabytes at a time: whatever is in the file, memory stays bounded."""

import gzip
import hashlib
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from fleetopt.errors import UsageError

MOST_BYTES = 500_000_000_000
"""Most that is read of a file, unpacked: what a small gzip file may swell to."""
LONGEST_LINE = 8_000_000
"""Bytes of a line; a longer one is a bad row."""
_BLOCK = 2_000_000
_GZIP = b"\x1f\x8b"
Report = Callable[[int], None]
"""Called with the bytes of the file read so far."""


@dataclass(frozen=True)
class Block:
    """Some lines of a file, without their ends."""

    first: int
    """Line number of the first."""
    lines: list[bytes]
    overlong: tuple[int, ...] = ()
    """Line numbers, behind those of `lines`, that were longer than bearable and are left out."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class TraceFile:
    """A file being read; its bytes and digest are known once it is read to its end."""

    def __init__(self, path: Path, report: Report | None = None) -> None:
        self.path = path
        self.read_bytes = 0
        self._digest = hashlib.sha256()
        self._report = report
        self.size_bytes = _size(path)

    @property
    def sha256(self) -> str:
        """Of the file's bytes as far as read."""
        return self._digest.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """Bytes of the file itself, noted in passing (what gzip reads from)."""
        data = self._raw.read(size)
        self._digest.update(data)
        self.read_bytes += len(data)
        return data

    def blocks(self) -> Iterator[Block]:
        """The lines in order. Raises UsageError where the file cannot be read or unpacked."""
        try:
            with self.path.open("rb") as self._raw:
                packed = self._raw.read(2) == _GZIP
                self._raw.seek(0)
                if packed:
                    yield from self._blocks(gzip.GzipFile(mode="rb", fileobj=cast(IO[bytes], self)))
                else:
                    yield from self._blocks(self)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            message = f"{self.path}: cannot be unpacked ({error}); try it unpacked, or a fresh copy"
            raise UsageError(message) from None
        except OSError as error:
            message = f"{self.path}: cannot be read: {error.strerror or error}; try the path of a trace"
            raise UsageError(message) from None

    def _blocks(self, stream: _Readable) -> Iterator[Block]:
        rest, number, total, skipping = b"", 1, 0, False
        while data := stream.read(_BLOCK):
            total += len(data)
            if total > MOST_BYTES:
                raise UsageError(f"{self.path}: more than {MOST_BYTES / 1e9:g} GB unpacked; try it in parts")
            if skipping:
                _, end, data = data.partition(b"\n")
                skipping = not end
                if skipping:
                    continue
            lines = (rest + data).split(b"\n")
            rest, first = lines.pop(), number
            overlong: tuple[int, ...] = ()
            number += len(lines)
            if len(rest) > LONGEST_LINE:
                rest, skipping, overlong = b"", True, (number,)
                number += 1
            yield from _checked(first, lines, overlong)
            if self._report is not None:
                self._report(self.read_bytes)
        if rest:
            yield from _checked(number, [rest], ())


def _checked(first: int, lines: list[bytes], overlong: tuple[int, ...]) -> Iterator[Block]:
    """The block, cut where one of its lines is too long."""
    for n, line in enumerate(lines):
        if len(line) > LONGEST_LINE:
            yield Block(first, lines[:n], (first + n,))
            yield from _checked(first + n + 1, lines[n + 1 :], overlong)
            return
    yield Block(first, lines, overlong)


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path}: cannot be read: {reason}; try the path of a trace") from None
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path}: this is not a plain file; try the path of a trace")
    return status.st_size
