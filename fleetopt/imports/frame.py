"""What every import has in common: one hour, one place without limits, everything rented; and the text of the file."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fleetopt.errors import UsageError
from fleetopt.files import whole_file
from fleetopt.instance.dump import dump_data

MARK = "# Written by `fleetopt import"
"""How every imported file begins."""
REGION, SITE, ANYWHERE = "users", "cloud", "anywhere"


def one_hour(name: str, title: str, notes: str) -> dict[str, Any]:
    """Sections of an instance for one hour at a site where everything is rented, nearby and paid by the hour alone."""
    return {
        "format": 1,
        "name": name,
        "title": title,
        "notes": notes,
        "time": {
            "start": "2026",
            "periods": 1,
            "hours": 1,
            "slices": [{"id": "hour", "start_hour": 0, "hours": 24}],
        },
        "finance": {"wacc": 0},
        "jurisdictions": [{"id": ANYWHERE, "country": "ZZ"}],
        "network": {
            "regions": [{"id": REGION, "jurisdiction": ANYWHERE}],
            "links": [{"a": REGION, "b": SITE, "rtt_ms": 0}],
        },
    }


def rented(id_: str, name: str, chips: int, usd_per_h: float, power_kw: float = 0.0) -> dict[str, Any]:
    """A system rented in whole units by the hour; what its chips can do is measured, not described."""
    return {
        "id": id_,
        "name": name,
        "vendor": "unnamed",
        "kind": "server",
        "chips": chips,
        "power_kw": power_kw,
        "rent": {"usd_per_h": usd_per_h, "whole": True},
    }


def place() -> list[dict[str, Any]]:
    """The one site: power, space and staff are in the rent."""
    return [{"id": SITE, "jurisdiction": ANYWHERE}]


def digest(paths: Iterable[Path]) -> str:
    """Which files, told apart by what is in them."""
    parts = [f"{shown(path)} (SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()[:16]})" for path in paths]
    return ", ".join(parts)


def shown(path: Path) -> str:
    """The name of a file on one printable line, whatever it holds."""
    return "".join(c if c.isprintable() else "?" for c in path.name)[:100]


def instance_text(command: str, about: Iterable[str], data: dict[str, Any]) -> str:
    """The file: a head of comments, then the sections in order; the same bytes for the same input."""
    head = [f"{MARK} {command}`; solve it as it is, or change it like any instance.", *(f"# {line}" for line in about)]
    return "\n".join(head) + "\n" + dump_data(data)


def write_instance(out: Path, text: str) -> None:
    """Write the file at once or not at all; only an earlier import is replaced. Raises UsageError where it cannot."""
    try:
        if out.exists() or out.is_symlink():
            earlier = out.is_file() and out.read_bytes()[: len(MARK)] == MARK.encode()
            if not earlier:
                raise UsageError(f"{out}: exists already and is no earlier import; try another name")
        with whole_file(out) as stream:
            stream.write(text)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{out}: cannot be written: {reason}; try a folder that exists") from None
