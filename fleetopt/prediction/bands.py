"""Error bands: how far measurements lie from predictions of their kind, as factors on time.

A band holds the p10, p50 and p90 of time measured / time predicted over public measurements of one metric, in one mode,
on one vendor's chips (for rates: rate predicted / rate measured, so that above 1 always means slower than predicted).
`band_of` finds the band of a kind, the nearest one there is; `factors_of` says what it multiplies times by.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from fleetopt.instance.prediction_options import Band, PredictionOptions, plain_metric
from fleetopt.prediction.types import Ends, Stage

Percentile = Literal["p10", "p50", "p90"]


class Kind(NamedTuple):
    """A metric, and the modes in which its measurements tell most, the best first."""

    metric: str
    modes: tuple[str, ...]


FIRST_TOKEN = Kind("ttft_ms", ("static_batch", "single_stream"))
"""TTFT without a queue: waiting is R2's, and has no band of its own."""
OUTPUT_TOKEN = Kind("tpot_ms", ("serving",))
"""TPOT under load."""
THROUGHPUT = Kind("output_tokens_per_s_per_chip", ("serving", "offline_max"))
"""What a full replica serves."""
TRAINING_SPEED = Kind("tokens_per_s_per_chip", ("training",))
"""What a training team gets done while it makes progress."""


KINDS: dict[Stage, dict[str, Kind]] = {
    "aggregated": {"ttft_s": FIRST_TOKEN, "tpot_s": OUTPUT_TOKEN, "rate_per_s": THROUGHPUT},
    "prefill": {"ttft_s": FIRST_TOKEN, "rate_per_s": FIRST_TOKEN},
    "decode": {"tpot_s": OUTPUT_TOKEN, "rate_per_s": OUTPUT_TOKEN},
}
"""What each figure of a stage is banded by: a pool's rate is the inverse of its only time."""


class Factors(NamedTuple):
    """What a predicted time is multiplied by: at both ends of its band, and at the percentile planned for."""

    p10: float
    planned: float
    p90: float

    def ends(self, time: Callable[[float], float] = float) -> Ends:
        """Both ends of a time that depends on the factor, against that time as planned."""
        planned = time(self.planned)
        return Ends(time(self.p10) / planned, time(self.p90) / planned)


def band_of(kind: Kind, vendor: str, options: PredictionOptions) -> Band:
    """The band of the kind's first mode that has one, of the vendor before all vendors; else of the metric as a whole.

    Every metric has one for all modes and vendors: `PredictionOptions` sees to it.
    """
    wanted = [(mode, who) for mode in kind.modes for who in (vendor, "any")] + [("any", "any")]
    metric = plain_metric(kind.metric)
    known = {(b.mode, b.vendor): b for b in reversed(options.bands) if plain_metric(b.metric) == metric}
    return next(known[key] for key in wanted if key in known)


def factors_of(band: Band, percentile: Percentile) -> Factors:
    """The band's factors; at p50 times stand as predicted.

    The pessimistic end is never below the prediction, nor the optimistic one above it, however the median lies.
    """
    p10, p90 = min(band.p10, 1.0), max(band.p90, 1.0)
    return Factors(p10, {"p10": p10, "p50": 1.0, "p90": p90}[percentile], p90)


def origin(band: Band) -> str:
    """Where a band comes from, in words."""
    mode = "any mode" if band.mode == "any" else band.mode
    vendor = "any vendor" if band.vendor == "any" else band.vendor
    return f"{band.metric}, {mode}, {vendor}: {band.rows} rows of {band.sources} sources"


def origins(stage: Stage, vendor: str, options: PredictionOptions) -> dict[str, str]:
    """Where the band of each figure of a stage comes from."""
    return {name: origin(band_of(kind, vendor, options)) for name, kind in KINDS[stage].items()}
