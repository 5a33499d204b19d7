"""How long `fleetopt demand` takes and how much memory, on generated traces, against the bars.

`python benchmarks/traces.py`: stack distances of a million blocks within 10 s; ten million rows of CSV, and a million
prompts with 30 million blocks, below 1 GB. `--rows` and `--prompts` make them smaller. Each in a process of its own;
the files are written to a folder that is removed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

BAR_MB = 1000.0
BAR_S = 10.0
STACK = """
import numpy as np, time
from fleetopt.demand.stack import stack_distances
blocks = np.random.default_rng(0).zipf(1.2, 1_000_000) % 400_000
start = time.perf_counter()
stack_distances(blocks)
print(time.perf_counter() - start)
"""


def main() -> int:
    """Print a row for each bar; 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--prompts", type=int, default=1_000_000)
    options = parser.parse_args()
    seconds = float(subprocess.run([sys.executable, "-c", STACK], capture_output=True, check=True).stdout)
    print("what | seconds | peak MB | bar", flush=True)
    print(f"stack distances of 1,000,000 blocks | {seconds:.1f} | | {BAR_S:g} s", flush=True)
    missed = seconds > BAR_S
    with tempfile.TemporaryDirectory() as folder:
        for name, write, count in (("csv", write_csv, options.rows), ("jsonl", write_jsonl, options.prompts)):
            trace = Path(folder) / f"trace.{name}"
            write(trace, count)
            seconds, peak_mb = measure(trace)
            size_mb = trace.stat().st_size / 1e6
            trace.unlink()
            what = f"{count:,} rows of {name}, {size_mb:,.0f} MB"
            print(f"{what} | {seconds:.0f} | {peak_mb:,.0f} | {BAR_MB:g} MB", flush=True)
            missed = missed or peak_mb > BAR_MB
    return int(missed)


def write_csv(path: Path, rows: int) -> None:
    """A week of Poisson arrivals with log-normal sizes, in the format of the Azure traces."""
    draw = np.random.default_rng(1)
    times = np.sort(draw.uniform(0, 7 * 86400 * 1e6, rows)).astype(np.int64)
    with path.open("w", encoding="utf-8") as file:
        file.write("TIMESTAMP,ContextTokens,GeneratedTokens\n")
        for start in range(0, rows, 100_000):
            part = times[start : start + 100_000]
            dates = np.datetime_as_string(np.datetime64("2024-05-10", "us") + part, unit="us")
            inputs = np.maximum(draw.lognormal(7, 1, len(part)), 1).astype(int)
            outputs = draw.lognormal(4, 1, len(part)).astype(int)
            file.writelines(
                f"{d.replace('T', ' ')},{i},{o}\n" for d, i, o in zip(dates.tolist(), inputs, outputs, strict=True)
            )


def write_jsonl(path: Path, prompts: int) -> None:
    """Sessions of growing prompts behind one shared block, in the format of the Mooncake trace."""
    draw = np.random.default_rng(2)
    sessions: list[list[int]] = []
    fresh, choices = 1, draw.integers(0, 1_000_000_000, prompts)
    with path.open("w", encoding="utf-8") as file:
        for row, choice in enumerate(choices.tolist()):
            if len(sessions) < 2000 or choice % 4 == 0:
                sessions.append([0])
            at = choice % len(sessions)
            more = 4 + choice % 12
            sessions[at] = sessions[at] + list(range(fresh, fresh + more))
            fresh += more
            blocks = sessions[at]
            if len(blocks) > 60 or len(sessions) > 4000:
                sessions.pop(at)
            length = 512 * len(blocks)
            request = {"timestamp": row * 100, "input_length": length, "output_length": 300, "hash_ids": blocks}
            file.write(json.dumps(request) + "\n")


def measure(trace: Path) -> tuple[float, float]:
    """Seconds and peak memory of one run."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "fleetopt", "demand", str(trace), "--json"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
