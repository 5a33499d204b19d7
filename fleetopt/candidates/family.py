"""A family: everything of one workload on one system that does not depend on layout, batch or bucket."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleetopt.candidates.candidate import Reuse
from fleetopt.instance.models import Precision
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Bucket, Workload
from fleetopt.prediction.basis import Basis
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.types import Layout, Stage

SHORT: dict[str, str] = {"aggregated": "agg", "prefill": "pre", "decode": "dec"}


@dataclass(frozen=True, slots=True)
class Family:
    """Stage, reuse and formats of a workload on a system."""

    workload: Workload
    system: System
    stage: Stage
    reuse: Reuse
    precision: Precision
    predictor: Predictor
    basis: Basis
    """What its predictions rest on."""
    bands: Mapping[str, str]
    """Where the error band of each predicted figure comes from."""

    def buckets(self) -> list[Bucket]:
        """Buckets that the family's way of reuse applies to; those without requests need no column."""
        wanted = [b for b in self.workload.buckets if b.share > 0]
        if self.stage == "decode" or self.workload.reuse_curve is not None:
            return wanted
        return [b for b in wanted if (b.cached_tokens > 0) == (self.reuse != "none")]

    def candidate_id(self, site: str, *layout: str) -> str:
        """Workload, site, system, stage, reuse, precision, layout, with dots between."""
        reuse = [self.reuse] if self.reuse != "none" else []
        parts = [self.workload.id, site, self.system.id, SHORT[self.stage], *reuse, self.precision, *layout]
        return ".".join(parts)


def layout_name(layout: Layout | None) -> str:
    """`tp8`, `tp8pp2`, `tp8ep8`; `unit` where a whole unit was measured."""
    if layout is None:
        return "unit"
    name = f"tp{layout.tensor}"
    name += f"pp{layout.pipeline}" if layout.pipeline > 1 else ""
    return name + (f"ep{layout.expert}" if layout.expert > 1 else "")
