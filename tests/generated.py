"""Files written by the code they describe; run as a script to write them anew."""

from collections.abc import Callable
from pathlib import Path

from orbit_tables import filled as orbit_text

from fleetopt.instance.format_page import page_text as format_text
from fleetopt.instance.json_schema import schema_text
from fleetopt.model.formulation import page_text as formulation_text
from fleetopt.solve.relax_page import page_text as relaxations_text

ROOT = Path(__file__).parents[1]
GENERATED: dict[str, Callable[[], str]] = {
    "docs/formulation.md": formulation_text,
    "docs/instance-format.md": format_text,
    "docs/orbit.md": orbit_text,
    "docs/relaxations.md": relaxations_text,
    "instances/fleet.schema.json": schema_text,
}
"""Text by path from the repository's folder."""

if __name__ == "__main__":
    for path, text in GENERATED.items():
        (ROOT / path).write_text(text(), encoding="utf-8")
