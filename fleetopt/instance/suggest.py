"""What somebody may have meant by a misspelt name."""

import difflib
from collections.abc import Iterable

#: What other tools and data sheets call a field; suggested only where that field exists.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "tdp": ("power_kw",),
    "tdp_kw": ("power_kw",),
    "tdp_w": ("power_kw",),
    "power": ("power_kw", "power.sources"),
    "watts": ("power_kw",),
    "cost": ("price", "cost_usd", "usd_per_kwh"),
    "price_usd": ("price.buy_usd", "price"),
    "hbm_gb": ("memory_gb",),
    "memory": ("memory_gb",),
    "bandwidth": ("memory_gb_s", "capacity_gb_s"),
    "rtt": ("rtt_ms",),
    "latency": ("rtt_ms", "slo"),
    "lead_time": ("lead_months",),
    "lifetime": ("life_years",),
    "quantity": ("units",),
    "count": ("units", "chips"),
    "gpus": ("chips",),
    "rate": ("rate_per_s",),
    "qps": ("rate_per_s",),
    "discount_rate": ("wacc",),
    "ttft_ms": ("ttft_s",),
    "tpot_ms": ("tpot_s",),
    "horizon": ("periods",),
    "from": ("a",),
    "to": ("b",),
}


def closest(wrong: str, known: Iterable[str]) -> str | None:
    """The likeliest of `known`, or None where nothing comes near."""
    names = list(dict.fromkeys(known))
    meant = next((name for name in SYNONYMS.get(wrong.lower(), ()) if name in names), None)
    if meant:
        return meant
    lowered = {name.lower(): name for name in reversed(names)}
    close = difflib.get_close_matches(wrong.lower(), list(lowered), n=1, cutoff=0.6)
    if close:
        return lowered[close[0]]
    last = {name.rsplit(".", 1)[-1]: name for name in reversed(names)}
    return last.get(wrong)


def did_you_mean(wrong: str, known: Iterable[str], nothing: str = "try removing it") -> str:
    """A hint: the closest name, else the names there are, else `nothing`."""
    names = sorted(dict.fromkeys(known))
    close = closest(wrong, names)
    if close:
        return f"did you mean {close!r}?"
    if not names:
        return nothing
    return "try one of " + ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
