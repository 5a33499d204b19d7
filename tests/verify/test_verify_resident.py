"""M1: KV that stays in fast memory between turns is counted again by the witness."""

import pytest
from builders import tiny_instance
from handmade import deployment, plan

from fleetopt.candidates.candidate import OperatingPoint
from fleetopt.candidates.evaluate import recompute
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.predictions import _check_resident
from fleetopt.verify.witness import Witness

WORK = {
    "kind": "agentic",
    "buckets": {"b1": {"input_tokens": 10_000.0, "cached_tokens": 9_000.0, "gap": "tool"}},
    "slo": {"ttft_s": None, "tpot_s": None, "completion_s": 3000.0},
    "agent": {"turns_per_task": 10.0, "tool_s": 5.0},
    "idle_kv": {"mean_gap_s": 1.0, "gaps": [{"id": "tool", "held_s": 60.0}], "tiers": ["dram"], "may_stay": True},
}
DRAM = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0}, "read_gb_s": 50.0}


def _failed(more: float, may_stay: bool = True) -> list[str]:
    """What is said of a replica of one chip, batch 4, that serves `more` times its rate after gaps of 60 s."""
    work = {**WORK, "idle_kv": {**WORK["idle_kv"], "may_stay": may_stay}}
    instance = tiny_instance(workloads={"chat": work}, memory=[DRAM])
    found = recompute(instance, "chat", "virginia", "gpu8", "aggregated", "resident", "bf16", 1, 1, 1, "b1", 4)
    assert isinstance(found, OperatingPoint)
    figures = {name: float(getattr(found, name)) for name in found.__slots__ if name != "bucket"}
    one = deployment(tiny_instance(), reuse="resident", points={"b1": figures})
    witness = Witness()
    changed = {**figures, "rate_per_s": figures["rate_per_s"] * more}
    _check_resident(Ledger(instance, plan(deployments=(one,))), one, "b1", changed, witness)
    return witness.failures


@pytest.mark.parametrize(("more", "passes"), [(1.0, True), (1.001, False)])
def test_what_stays_fits_just(more: float, passes: bool) -> None:
    """Idle KV fills the 72 GB to the last byte, so a thousandth more does not fit."""
    assert (not _failed(more)) is passes


def test_nothing_stays_where_the_instance_does_not_say_so() -> None:
    """A replica that keeps idle KV is refused where `may_stay` is false."""
    assert _failed(1.0, may_stay=False) and not _failed(1.0)
