"""Write a made-up fleet: `python benchmarks/bench/generate.py large --out large.yaml [--seed 1] [--set NAME=VALUE]`."""

import argparse
import sys
from dataclasses import fields, replace
from pathlib import Path

from fleets import SIZES, Shape, fleet_text


def main(arguments: list[str] | None = None) -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    names = ", ".join(f.name for f in fields(Shape))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=f"change one of {names}")
    options = parser.parse_args(arguments)
    try:
        shape = changed(replace(SIZES[options.size], seed=options.seed), options.set)
    except ValueError as error:
        parser.error(str(error))
    options.out.write_text(fleet_text(shape), encoding="utf-8")
    print(f"{options.out}: {shape.potential_columns:,} potential serving columns")
    return 0


def changed(shape: Shape, changes: list[str]) -> Shape:
    """The shape with `name=value` applied; ValueError for what it has not, or another kind of value."""
    known = {f.name: type(getattr(shape, f.name)) for f in fields(Shape)}
    for change in changes:
        name, _, text = change.partition("=")
        if name not in known:
            raise ValueError(f"a shape has no {name!r}, try one of {', '.join(known)}")
        kind = known[name]
        if name == "performance" and text not in ("predicted", "measured"):
            raise ValueError(f"performance: {text!r} is neither predicted nor measured")
        shape = replace(shape, **{name: text == "true" if kind is bool else kind(text)})
    return shape


if __name__ == "__main__":
    sys.exit(main())
