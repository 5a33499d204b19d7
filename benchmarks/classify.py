"""Processor time of one export classification and of one delivery assessed: medians over the chips of the catalogue.

python benchmarks/classify.py
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

from fleetopt.catalog import load as catalog
from fleetopt.policy.classes import classify
from fleetopt.policy.delivery import Shipment, assess
from fleetopt.policy.part import part_with

ROUNDS = 50


def main() -> int:
    """Print both in milliseconds; the first call, which reads the rules, apart."""
    parts = [part_with(catalog.entry("chip", id_)) for id_ in catalog.ids("chip")]
    started = time.perf_counter()
    classify(parts[0])
    print(f"first call, with the rules read: {(time.perf_counter() - started) * 1e3:.1f} ms")
    way = Shipment(date(2027, 3, 31), "CN", "CN")
    for name, work in (("classification", classify), ("delivery", lambda part: assess(part, way))):
        print(f"{name}: median {statistics.median(_ms(work, part) for part in parts):.3f} ms of {len(parts)} chips")
    return 0


def _ms(work: Callable[..., object], part: object) -> float:
    started = time.process_time()
    for _ in range(ROUNDS):
        work(part)
    return (time.process_time() - started) / ROUNDS * 1e3


if __name__ == "__main__":
    sys.exit(main())
