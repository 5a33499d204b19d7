"""A Mélange configuration as an instance (arXiv 2404.14527, github.com/tyler-griggs/melange-release).

Mélange cuts each bucket of a request-size histogram into `slice_factor` slices, gives every slice to one GPU type, and
rents whole GPUs: type j carries what its slices take, rate / profiled maximum throughput, within its number of GPUs, at
the least cost an hour. Here the slices are `demand.parts`, the profiles a measured table; the histogram is used as
given, never normalised; empty buckets are dropped. A throughput of 0 means that a type cannot serve a bucket, as in
AIBrix, whose profiles may stand in `gpu_info` as they are: with `indexes` (output tokens by row, input tokens by
column) buckets have sizes, and keys of the profiler beside them are passed over.
"""

from pathlib import Path
from typing import Any

from fleetopt.imports.frame import REGION, digest, instance_text, one_hour, place, rented
from fleetopt.imports.json_text import read_json
from fleetopt.imports.reading import Ids, Number, Reading, slug
from fleetopt.instance.located import Path as At
from fleetopt.instance.suggest import did_you_mean

KEYS = ("gpu_info", "workload_distribution", "total_request_rate", "slice_factor")
LEAST, MOST = 1e-9, 1e9
MOST_CELLS, MOST_TYPES, MOST_RATES, MOST_SLICES = 4_000, 200, 10_000, 10_000
Grid = list[list[Number]]
WORKLOAD = "requests"


def melange_text(path: Path) -> str:
    """The instance of a configuration file. Raises InputError with every problem found."""
    reading = Reading(read_json(path))
    config = reading.mapping((), reading.document.data, "a Mélange configuration")
    for key in config:
        if key not in KEYS:
            reading.wrong((key,), "Mélange has no such key", did_you_mean(key, KEYS))
    cells = _grid(reading, ("workload_distribution",), config.get("workload_distribution"))
    if sum(map(len, cells)) > MOST_CELLS:
        reading.wrong(("workload_distribution",), f"there are more than {MOST_CELLS:,} buckets", "try fewer")
        cells = []
    types = _types(reading, config.get("gpu_info"), cells)
    rate = reading.number(("total_request_rate",), config.get("total_request_rate"), 0, MOST, default=0)
    slices = reading.number(("slice_factor",), config.get("slice_factor"), 1, MOST_SLICES, default=1, whole=True)
    reading.finish()
    about = [
        f"Source: {digest([path])}.",
        "Each slice on one GPU type, whole GPUs by the hour and their price alone: the plan costs what Mélange's does",
        "an hour (--gap 0). `--set demand.split=continuous` lets slices be split.",
    ]
    return instance_text("melange", about, _instance(path, cells, types, rate, int(slices)))


def _grid(reading: Reading, at: At, value: Any, shape: Grid | None = None) -> Grid:
    """Rows of numbers; rows as long as each other, and as many and as long as those of `shape`."""
    found: Grid = []
    for i, row in enumerate(reading.items(at, value, "a list of rows")):
        cells = reading.items((*at, i), row, "a row of numbers")
        found.append([reading.number((*at, i, j), cell, 0, MOST) for j, cell in enumerate(cells)])
    if not found or not found[0]:
        if isinstance(value, list):
            reading.wrong(at, "there is nothing in it", "try a row for each input size, a column for each output size")
        return []
    wanted, meant = [len(found[0])] * len(found), "rows of one length"
    if shape:
        wanted = [len(row) for row in shape]
        meant = f"{len(wanted)} rows of {wanted[0]}, as in the distribution,"
    if [len(row) for row in found] != wanted:
        reading.wrong(at, f"the rows do not make a table: {meant} are meant", "try one number a bucket")
        return []
    return found


def _types(reading: Reading, value: Any, cells: Grid) -> dict[str, dict[str, Any]]:
    """Cost, table and sizes of each GPU type by name; a list of entries with names will do as well."""
    entries: list[tuple[At, str, Any]] = []
    if isinstance(value, list):
        for at, entry in reading.mappings(("gpu_info",), value, "a GPU type"):
            key = "name" if "name" in entry else "gpu"
            entries.append((at, reading.name((*at, key), entry.get(key)), entry))
    else:
        named = reading.mapping(("gpu_info",), value, "a mapping of GPU types")
        entries = [(("gpu_info", key), reading.name(("gpu_info", key), key), entry) for key, entry in named.items()]
    if not entries and isinstance(value, dict | list):
        reading.wrong(("gpu_info",), "there is no GPU type", "try one with cost and tputs")
    if len(entries) > MOST_TYPES or len(entries) * sum(map(len, cells)) > MOST_RATES:
        message = f"there are more than {MOST_TYPES} GPU types, or {MOST_RATES:,} throughputs"
        reading.wrong(("gpu_info",), message, "try fewer")
        return {}
    found: dict[str, dict[str, Any]] = {}
    for at, name, raw in entries:
        entry = reading.mapping(at, raw, "a GPU type")
        if name in found:
            reading.wrong(at, f"{name!r} is given twice", "try removing one")
        cost = reading.number((*at, "cost"), entry.get("cost"), 0, MOST)
        rates = _grid(reading, (*at, "tputs"), entry.get("tputs"), cells)
        found[name] = {"cost": cost, "tputs": rates, "indexes": entry.get("indexes")}
    return found


def _sizes(types: dict[str, dict[str, Any]], cells: Grid) -> tuple[list[Number], list[Number]] | None:
    """Output tokens by row and input tokens by column, where every type says the same of them."""
    said = [entry["indexes"] for entry in types.values()]
    if not said or any(each != said[0] for each in said) or not isinstance(said[0], list) or len(said[0]) != 2:
        return None
    outputs, inputs = said[0]
    lengths = ((outputs, len(cells)), (inputs, len(cells[0])))
    fits = all(
        isinstance(axis, list)
        and len(axis) == length
        and all(isinstance(x, int | float) and not isinstance(x, bool) and 0 < x <= MOST for x in axis)
        for axis, length in lengths
    )
    return (outputs, inputs) if fits else None


def _instance(path: Path, cells: Grid, types: dict[str, dict[str, Any]], rate: Number, slices: int) -> dict[str, Any]:
    largest = max(map(max, cells))
    scale = sum(map(sum, cells)) if largest > 1 else 1.0
    sizes, ids = _sizes(types, cells), Ids()
    kept = [(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell > 0] or [(0, 0)]
    buckets = []
    for i, j in kept:
        bucket: dict[str, Any] = {"id": f"b{i}-{j}", "share": cells[i][j] / scale if scale != 1.0 else cells[i][j]}
        if sizes is not None:
            bucket |= {"input_tokens": sizes[1][j], "output_tokens": sizes[0][i]}
        buckets.append(bucket)
    points = [
        {"system": ids.of(name), "workload": WORKLOAD, "bucket": f"b{i}-{j}", "requests_per_s": entry["tputs"][i][j]}
        for name, entry in types.items()
        for i, j in kept
    ]
    notes = (
        f"Mélange configuration {digest([path])}: {len(kept)} buckets in {slices} slices each, {len(types)} GPU types."
    )
    return {
        **one_hour(slug(path.stem), f"Mélange: {slug(path.stem)}", notes),
        "workloads": [
            {
                "id": WORKLOAD,
                "kind": "answer",
                "disaggregated": False,
                "buckets": buckets,
                "demand": {
                    "regions": [{"region": REGION, "rate_per_s": rate * scale}],
                    "parts": slices,
                    "shares_as_given": True,
                },
            }
        ],
        "systems": [rented(ids.of(name), name, 1, float(entry["cost"])) for name, entry in types.items()],
        "sites": place(),
        "measured": {"points": points},
    }
