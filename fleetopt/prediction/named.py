"""Models and chips by the names people use: ids of the catalogue, else names of row files."""

import difflib
from collections.abc import Iterable

from pydantic import ValidationError

from fleetopt.catalog import load as catalog
from fleetopt.errors import UsageError
from fleetopt.instance.models import Model
from fleetopt.instance.systems import Chip
from fleetopt.prediction.rows.tables import chip_named, chip_names, model_named, model_names


def model(name: str) -> Model:
    """A model of the catalogue or of row files. Raises UsageError where neither has it, with the closest that is."""
    id_ = name.strip().lower()
    if id_ in catalog.ids("model"):
        try:
            return Model.model_validate(catalog.entry("model", id_))
        except ValidationError:
            raise _incomplete("model", id_) from None
    found = model_named(name)
    if found is None:
        raise _unknown("model", name, (*catalog.ids("model"), *model_names()))
    return found


def chip(name: str) -> tuple[Chip, int]:
    """A chip, or the chip of a system with how many a unit has (a chip alone: 1). Raises UsageError as `model` does."""
    id_ = name.strip().lower()
    if id_ in catalog.ids("system"):
        values = catalog.entry("system", id_)
        if "chip" not in values:
            raise UsageError(f"system {id_!r} has no accelerators; try `fleetopt catalog list system`")
        return _catalogue_chip(values["chip"]), int(values.get("chips", 1))
    if id_ in catalog.ids("chip"):
        return _catalogue_chip(catalog.entry("chip", id_)), 1
    found = chip_named(name)
    if found is None:
        raise _unknown("chip or system", name, (*catalog.ids("chip"), *catalog.ids("system"), *chip_names()))
    return found, 1


def _catalogue_chip(values: dict[str, object]) -> Chip:
    try:
        return Chip.model_validate(values)
    except ValidationError:
        raise _incomplete("chip", str(values["id"])) from None


def _incomplete(kind: str, id_: str) -> UsageError:
    missing = ", ".join(catalog.missing(kind, id_)) or "some of its figures"
    return UsageError(f"{kind} {id_!r}: no source gives {missing}; try another, or an instance that gives it")


def _unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    close = difflib.get_close_matches(name.strip().lower(), tuple(dict.fromkeys(known)), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"try `fleetopt catalog list {kind.split()[0]}`"
    return UsageError(f"{kind} {name!r} is not known; {hint}")
