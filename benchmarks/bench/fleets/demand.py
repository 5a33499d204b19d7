"""Workloads of three segments: people who chat, people who code, agents nobody waits for; and training runs."""

from math import cos, pi
from random import Random
from typing import Any

from fleets.hardware import REFERENCE, roofline
from fleets.places import Region
from fleets.shape import Shape

Raw = dict[str, Any]

MODELS = {
    "chat": ("llama-3.1-70b", "gpt-oss-120b", "qwen2.5-72b", "deepseek-v3", "llama-3.1-8b", "qwen3-235b-a22b",
             "kimi-k2"),
    "code": ("qwen3-235b-a22b", "gpt-oss-120b", "qwen3-coder-480b-a35b", "llama-3.1-70b", "glm-4.5"),
    "agents": ("gpt-oss-120b", "minimax-m2.5", "glm-4.6", "deepseek-v3.2", "qwen3-235b-a22b"),
}  # fmt: skip
SEGMENTS = ("chat", "agents", "code", "chat", "premium")
"""Segments in turn; `premium` is chat with a fast answer."""
INPUTS = {"chat": (300, 4000), "premium": (300, 2500), "code": (800, 8000), "agents": (6000, 40_000)}
OUTPUTS = {"chat": (120, 500), "premium": (150, 500), "code": (20, 250), "agents": (150, 600)}
TTFT_S = {"chat": (1.0, 1.5, 2.0, 3.0), "premium": (0.6, 0.8, 1.0), "code": (0.4, 0.5, 0.8)}
TPOT_S = {"chat": (0.03, 0.04, 0.05, 0.06), "premium": (0.012, 0.015, 0.02), "code": (0.03, 0.04)}
PEAK = {"chat": 1.6, "premium": 1.6, "code": 1.85, "agents": 1.5}
"""Busiest hour over mean."""
LARGEST_RUN = 50_000
"""Servers up to which training runs grow with the fleet: one run does not get a whole planet's."""
FULLY_USED = 0.8
"""Share of its rate at which a reference server is taken to run when demand is sized."""


def workloads(shape: Shape, regions: list[Region], draw: Random) -> list[Raw]:
    """Serving workloads, whose sizes in servers add up to `shape.servers`."""
    weights = [round(draw.lognormvariate(0.0, 0.9), 3) for _ in range(shape.workloads)]
    total = sum(weights)
    count = dict.fromkeys(SEGMENTS, 0)
    found = []
    for number, weight in enumerate(weights):
        segment = SEGMENTS[number % len(SEGMENTS)]
        count[segment] += 1
        servers = shape.servers * weight / total
        found.append(_workload(shape, segment, f"{segment}-{count[segment]:02}", servers, regions, draw))
    return found


def _workload(shape: Shape, segment: str, id_: str, servers: float, regions: list[Region], draw: Random) -> Raw:
    model = draw.choice(MODELS["chat" if segment == "premium" else segment])
    slo: Raw = {"percentile": 0.95}
    if segment == "agents":
        slo = {"completion_s": draw.choice((3600, 7200, 14_400)), **slo}
    else:
        slo = {"ttft_s": draw.choice(TTFT_S[segment]), "tpot_s": draw.choice(TPOT_S[segment]), **slo}
    buckets = _buckets(shape, segment, draw)
    model, buckets = _servable(model, buckets, slo)
    agentic, predicted = segment == "agents", shape.performance == "predicted"
    found: Raw = {"id": id_, "kind": "agentic" if agentic else "answer"}
    if predicted:
        found |= {"model": model, "precisions": ["fp8"], "kv_precision": "fp8"}
    found |= {"slo": slo, "disaggregated": predicted and not agentic and draw.random() < 0.3, "buckets": buckets}
    if agentic:
        found["max_delay_h"] = draw.choice((4, 8, 12))
        found["agent"] = {
            "turns_per_task": draw.randint(10, 60),
            "tool_s": draw.choice((5, 10, 20)),
            "tool_core_s": draw.choice((1.0, 2.0, 5.0)),
            "sandbox_gb": 1,
            "sandbox_s": draw.choice((20, 40)),
        }
        if predicted:
            for bucket in buckets:
                bucket["cached_tokens"] = round(bucket["input_tokens"] * draw.choice((0.8, 0.9, 0.95)))
            found["idle_kv"] = {"mean_gap_s": draw.choice((30, 60, 120)), "tiers": ["dram", "nvme"]}
    if not shape.rent or agentic:
        mean = 1.0 / _requests_per_s(model, buckets, slo)
        found["shortfall_usd_per_request"] = round(30 * mean * 44.0 / 3600, 6)
    rate = servers * FULLY_USED * _requests_per_s(model, buckets, slo) / PEAK[segment]
    found["demand"] = _demand(shape, segment, rate, regions, draw)
    found["roofline_model"] = model
    return found


def _buckets(shape: Shape, segment: str, draw: Random) -> list[Raw]:
    """Sizes from short to long, with shares that add up to 1."""
    inputs, outputs = (draw.uniform(*bounds[segment]) for bounds in (INPUTS, OUTPUTS))
    left, found = 1000, []
    for number in range(shape.buckets):
        last = number == shape.buckets - 1
        share = left if last else round(left * draw.uniform(0.45, 0.7))
        left -= share
        longer = 0.5 * 2.2**number
        found.append(
            {
                "id": f"s{number}",
                "share": share / 1000,
                "input_tokens": round(inputs * longer),
                "output_tokens": round(outputs * draw.choice((0.5, 1.0, 1.5))),
            }
        )
    return found


def _servable(model: str, buckets: list[Raw], slo: Raw) -> tuple[str, list[Raw]]:
    """The model and sizes, shortened until the reference server meets every target with a third to spare."""
    tight = {name: slo.get(name) and 0.6 * slo[name] for name in ("ttft_s", "tpot_s")}
    for _ in range(40):
        if all(roofline(REFERENCE, model, b["input_tokens"], b["output_tokens"], **tight) for b in buckets):
            return model, buckets
        buckets = [b | {"input_tokens": round(b["input_tokens"] * 0.8)} for b in buckets]
        if buckets[0]["input_tokens"] < 150:
            model, buckets = "llama-3.1-8b", [b | {"input_tokens": 400} for b in buckets]
    raise AssertionError(f"no server of {REFERENCE} serves {model}")


def _requests_per_s(model: str, buckets: list[Raw], slo: Raw) -> float:
    """Requests/s of the mix on one reference server."""
    needed = 0.0
    for b in buckets:
        found = roofline(REFERENCE, model, b["input_tokens"], b["output_tokens"], slo.get("ttft_s"), slo.get("tpot_s"))
        assert found is not None
        needed += b["share"] / found[0]
    return 1.0 / needed


def _demand(shape: Shape, segment: str, rate: float, regions: list[Region], draw: Random) -> Raw:
    chosen = [r for r in regions if draw.random() < 0.7] or [regions[0]]
    weights = [draw.uniform(0.5, 1.5) * r.weight for r in chosen]
    growth = draw.uniform(0.05, 0.15) if segment == "code" else draw.uniform(0.08, 0.25)
    found: Raw = {"growth_per_period": round(growth, 3), "dispersion": draw.choice((1.0, 1.4, 2.0)), "regions": []}
    for region, weight in zip(chosen, weights, strict=True):
        factors = _daily(shape.slices, PEAK[segment] - 1, region.utc_offset_h)
        row = {"region": region.id, "rate_per_s": _short(rate * weight / sum(weights)), "slice_factors": factors}
        found["regions"].append(row)
    return found


def _daily(slices: int, swing: float, utc_offset_h: int) -> dict[str, float]:
    """A cosine with its peak at 15:00 local time, at the middle of each slice."""
    hours = 24 / slices
    return {
        slice_id(n, slices): round(1 + swing * cos((n * hours + hours / 2 + utc_offset_h - 15) / 24 * 2 * pi), 3)
        for n in range(slices)
    }


def slice_id(number: int, slices: int) -> str:
    """`h06` for the slice that begins at 06:00 UTC; by number where slices do not begin at whole hours."""
    return f"h{number * 24 // slices:02}" if 24 % slices == 0 else f"n{number:02}"


def _short(value: float) -> float:
    """Four significant digits."""
    return float(f"{value:.4g}")


def points(shape: Shape, found: list[Raw], systems: tuple[str, ...], draw: Random) -> list[Raw]:
    """The table of requests/s by workload, size and system, within 15 % of the roofline; 0 where targets are missed."""
    rows = []
    for workload in found:
        slo = workload["slo"]
        targets = (slo.get("ttft_s"), slo.get("tpot_s"))
        for system in systems:
            if shape.measured_share < 1 and system != REFERENCE and draw.random() >= shape.measured_share:
                continue
            skill = draw.uniform(0.85, 1.15)
            for bucket in workload["buckets"]:
                sizes = (bucket["input_tokens"], bucket["output_tokens"])
                most = roofline(system, workload["roofline_model"], *sizes, *targets)
                row: Raw = {"system": system, "workload": workload["id"], "bucket": bucket["id"]}
                row["requests_per_s"] = 0 if most is None else _short(most[0] * skill * draw.uniform(0.95, 1.05))
                if most is not None and most[1] > 1:
                    row["units"] = most[1]
                rows.append(row)
    return rows


def trainings(shape: Shape, draw: Random) -> list[Raw]:
    """Runs of some trillion tokens with a deadline in the last quarter but one, at the latest."""
    found = []
    for number in range(shape.trainings):
        first, last = max(0, min(2, shape.periods - 2)), max(0, shape.periods - 1 - number)
        tokens = _short(min(shape.servers, LARGEST_RUN) * draw.uniform(1.5, 3.0) * 1e9)
        section = {"tokens": tokens, "start": _quarter(min(first, last)), "deadline": _quarter(last)}
        section |= {"precision": "bf16", "max_chips": max(64, round(shape.servers) * 4)}
        model = draw.choice(("llama-3.1-70b", "qwen3-235b-a22b"))
        found.append({"id": f"train-{number + 1}", "kind": "training", "model": model, "training": section})
    return found


def _quarter(number: int) -> str:
    return f"{2027 + number // 4}q{number % 4 + 1}"
