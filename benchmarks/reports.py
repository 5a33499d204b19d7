"""How long each report of a plan of 10,000 purchases takes, and how large it is, against its bars.

`python benchmarks/reports.py` from the root of the repository; the time is that of the processor, since other work on
the machine makes the clock say more.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bigplan import big

from fleetopt.pipeline.reports import FORMATS, Subject, report_files

BAR_S, BAR_MB = 10.0, 10.0


def main() -> int:
    """Print a row for each format; 1 where a bar is missed."""
    instance, plan = big()
    missed = 0
    print("format | processor s | MB | bars")
    for name in FORMATS:
        began = time.process_time()
        files = report_files(Subject(plan, instance), [name])
        seconds, megabytes = time.process_time() - began, sum(map(len, files.values())) / 1e6
        print(f"{name} | {seconds:.1f} | {megabytes:.1f} | {BAR_S:.0f} s, {BAR_MB:.0f} MB", flush=True)
        missed += seconds > BAR_S or megabytes > BAR_MB
    return min(missed, 1)


if __name__ == "__main__":
    raise SystemExit(main())
