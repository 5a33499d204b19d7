"""How a bound was got by pricing, in a sentence for people."""

from collections.abc import Mapping
from typing import Any

PROOF = "How the bound was proven"


def proof_line(certificate: Mapping[str, Any] | None) -> dict[str, str]:
    """The line for the head of reports: nothing for a plan that was not priced, or a certificate that does not read."""
    if certificate is None:
        return {}
    numbers = {name: certificate.get(name) for name in ("columns", "columns_in_lp", "rounds")}
    sides, correction = certificate.get("sides_musd"), certificate.get("correction_musd")
    if not all(isinstance(x, int) for x in numbers.values()):
        return {}
    if not all(isinstance(x, int | float) for x in (sides, correction)):
        return {}
    columns, in_lp, rounds = (int(certificate[name]) for name in numbers)
    if not rounds:
        return {PROOF: "there was no time to price anything: the bound is what is left when nothing needed has a price"}
    if (way := certificate.get("duals_from")) == "periods":
        how = "priced in one LP for each period, with what ties the periods together at a price"
    elif way == "merged slices":
        how = "priced by one LP in which the slices of a period are merged into few by their means"
    elif in_lp < columns:
        how = f"priced in {rounds} rounds, and {in_lp:,} of them were taken in"
    else:
        how = "priced in one LP"
    said = (
        f"{columns:,} ways to serve and to buy were {how}; at the last prices all demand and limits together are "
        f"worth {sides:,.6f} M$, and no way left out could save more than {correction:,.6f} M$ (docs/certificate.md)"
    )
    if certificate.get("whole_part"):
        said += ". The last search had all of them, and its own bound counts where it is higher"
    return {PROOF: said}
