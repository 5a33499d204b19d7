"""Layouts worth trying: how a replica may be spread over chips, and what that takes of a system."""

from math import ceil

from fleetopt.instance.systems import Chip, System
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.types import Layout, Refusal, Stage, Work

MAX_TENSOR = 64
"""Widest tensor group tried on GPUs: beyond it collectives cost more than sharding gains. SRAM machines go on."""
GPU_PIPELINES = (2, 4, 8)
"""Pipeline depths tried on GPUs, and only where one scale-up domain is too small."""
MAX_BATCH: dict[Stage, int] = {"aggregated": 1024, "decode": 4096, "prefill": 16}
"""Largest batch tried: beyond it rates hardly grow, and prefill is compute-bound long before."""
MAX_REPLICA_UNITS = 8
"""Most units one replica may span: no larger pipeline of servers, racks or wafers is known in service (assumption)."""
BATCHES_PER_OCTAVE = 2
"""Batches tried between one power of two and the next, above 4."""


def layout_of(predictor: Predictor, tensor: int, pipeline: int = 1, expert: int = 1) -> Layout:
    """The layout of those widths; with expert parallelism attention runs data-parallel rather than copying the KV.

    A tensor group wider than the model's KV heads would hold the same KV more than once (a latent counts as one head).
    With experts spread over the group, its attention is split into as many copies as avoid that; SRAM machines spread
    the KV anyway. So three widths say all there is to say, and a plan need not carry a fourth.
    """
    if expert == 1 or predictor.step.spread_kv:
        return Layout(tensor, pipeline, expert)
    copies = tensor // min(tensor, predictor.step.kv.heads)
    return Layout(tensor, pipeline, expert, copies if tensor % copies == 0 else 1)


def layouts(predictor: Predictor, work: Work, stage: Stage) -> list[Layout]:
    """Layouts to try for one kind of request, narrowest first.

    Tensor groups in powers of two up to the scale-up domain, with and without expert parallelism. Pipelines only where
    no single group holds the weights and one request: on GPUs 2, 4 or 8 stages, whichever is the first to hold them; on
    SRAM machines the fewest stages that do, one more, and twice as many (more KV beside the same weights).
    """
    chip = predictor.chip
    widths = _widths(chip)
    flat = [layout for width in widths for layout in _with_experts(predictor, width, 1)]
    if any(predictor.max_batch(layout, work, stage) > 0 for layout in flat):
        return flat
    depths = _depths(predictor, work, stage, widths[-1])
    return [*flat, *(layout for depth in depths for layout in _with_experts(predictor, widths[-1], depth))]


def batches(most: int, stage: Stage) -> list[int]:
    """Batches to try, in rising order: powers of two with steps between, and the KV cap `most` itself where reached."""
    top = min(most, MAX_BATCH[stage])
    return sorted({b for b in _GRID if b <= top} | ({most} if 0 < most == top else set()))


def replica_units(system: System, layout: Layout) -> float | Refusal:
    """Units of a system that one replica takes: 1/k where k replicas share a unit, else a whole number.

    Satellites share no fabric, so a replica stays on one of them (C2).
    """
    if system.chips <= 0:
        return Refusal("C2", f"{system.id} has no accelerators", float("inf"))
    if layout.chips <= system.chips:
        return 1.0 / (system.chips // layout.chips)
    if system.kind == "satellite":
        detail = f"{layout.chips} chips on satellites of {system.chips}, which share no fabric"
        return Refusal("C2", detail, layout.chips / system.chips - 1.0)
    units = ceil(layout.chips / system.chips)
    if units > MAX_REPLICA_UNITS:
        detail = f"a replica would span {units} units of {system.id}, more than {MAX_REPLICA_UNITS}"
        return Refusal("C2", detail, units / MAX_REPLICA_UNITS - 1.0)
    return float(units)


def _grid() -> tuple[int, ...]:
    powers = [2**n for n in range(13)]
    between = [p * (BATCHES_PER_OCTAVE + n) // BATCHES_PER_OCTAVE for p in powers for n in range(1, BATCHES_PER_OCTAVE)]
    return tuple(sorted({*powers, *(b for b in between if b > 4)}))


_GRID = _grid()


def _widths(chip: Chip) -> list[int]:
    """Tensor widths: powers of two within the scale-up domain."""
    top = chip.scale_up_domain if chip.scale_up_gb_s else 1
    if chip.memory_kind != "SRAM":
        top = min(top, MAX_TENSOR)
    return [2**n for n in range(top.bit_length())]


def _with_experts(predictor: Predictor, tensor: int, pipeline: int) -> list[Layout]:
    """The layout without and, for a mixture of experts on several chips, with expert parallelism."""
    found = [layout_of(predictor, tensor, pipeline)]
    experts = predictor.model.experts
    if experts is not None and tensor > 1:
        found.append(layout_of(predictor, tensor, pipeline, expert=min(tensor, _power_below(experts.routed))))
    return found


def _power_below(number: int) -> int:
    return 1 << (number.bit_length() - 1)


def _depths(predictor: Predictor, work: Work, stage: Stage, tensor: int) -> list[int]:
    """Pipeline depths to try where one tensor group is too small; the deepest possible where none is enough."""
    layers, sram = predictor.model.layers, predictor.chip.memory_kind == "SRAM"
    possible = [d for d in (range(2, layers + 1) if sram else GPU_PIPELINES) if d <= layers]
    fits = (d for d in possible if predictor.max_batch(layout_of(predictor, tensor, d), work, stage) > 0)
    first = next(fits, None)
    if first is None:
        return possible[-1:]
    return sorted({min(d, layers) for d in (first, first + 1, 2 * first)}) if sram else [first]
