"""How large a plan's page is, how long it takes to make, and how long a browser takes until it is ready.

`python benchmarks/page.py RUN_FOLDER` from the root of the repository; the bar of 2 s is for the reference plan.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from report.browser import Visit, launched

from fleetopt.pipeline.reports import report_folder

VISITS = 5
BAR_S = 2.0


def main() -> int:
    """Print size and times; 1 where the median load misses its bar."""
    folder = Path(sys.argv[1])
    began = time.perf_counter()
    report_folder(folder, ["html"])
    made_s, page = time.perf_counter() - began, folder / "report.html"
    loads = []
    with launched() as browser:
        for _ in range(VISITS):
            began = time.perf_counter()
            with Visit(browser, page.resolve()) as visit:
                loads.append(time.perf_counter() - began)
                if visit.said or len(visit.asked) > 1:
                    print(f"the page complained or asked for more: {visit.said} {visit.asked[1:]}")
                    return 1
    median_s = sorted(loads)[VISITS // 2]
    print(f"{page.stat().st_size / 1e6:.2f} MB, made in {made_s:.1f} s")
    print(f"ready after {', '.join(f'{s:.2f}' for s in loads)} s, median {median_s:.2f} s (bar {BAR_S:.0f} s)")
    return int(median_s > BAR_S)


if __name__ == "__main__":
    raise SystemExit(main())
