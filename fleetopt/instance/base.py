"""What every section of an instance shares: strict, frozen models with documented fields."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Name = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=4000)]
PeriodId = Annotated[str, StringConstraints(pattern=r"^\d{4}(q[1-4])?$")]


class Section(BaseModel):
    """A frozen part of an instance; unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True, validate_default=True
    )


class Provenance(Section):
    """Where a catalogue figure comes from."""

    source: Text
    """Document, dataset or page, or `unsourced`."""
    date: Name | None = None
    """Date of the source or of the figure, as precisely as known."""
    confidence: Name
    """Such as `vendor spec`, `reputable press`, `estimate`, `unsourced`."""
    range: tuple[float, float] | None = None
    """Low and high end where the source gives a range; the value used is typical or the midpoint."""
    note: Text | None = None
    """What to know before relying on the figure."""


class Entity(Section):
    """A thing with an id, which overrides and messages address it by."""

    id: Id
    """Lower-case id, unique in its section."""
    name: Name = ""
    """Name for people; the id where empty."""
    provenance: dict[str, Provenance] = {}
    """Source of each figure by field path (`*` for all others); filled from the catalogue."""
