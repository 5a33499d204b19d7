"""The objective, line by line."""

from fleetopt.plan import Plan
from fleetopt.report.text import exact_usd, share, table, whole_usd

MEANING = {
    "systems": "systems bought",
    "discounts": "volume discounts (negative)",
    "rent": "rented systems",
    "memory": "memory bought or rented apart",
    "power_build": "power built",
    "power_lease": "powered space leased",
    "energy": "energy and fuel",
    "site": "sites opened, staff and rates",
    "network": "traffic",
    "launch": "launches",
    "licence_duty": "duties and revenue shares",
    "maintenance_staff": "maintenance, operations, fixed cost of power",
    "carbon": "carbon",
    "unserved": "demand not served",
    "residual": "resale (negative)",
}


RULES = {
    "annuity": "purchases as equal instalments over their life, those inside the horizon only",
    "straight_line": "purchases in full, and what is left of their price at the end of the horizon, in a straight line "
    "over their life, as `residual`",
    "table": "purchases in full, and what is left of their price at the end of the horizon, by the instance's table, "
    "as `residual`",
}
"""How purchases are charged, by the instance's rule."""


def cost_section(plan: Plan, residual: str = "annuity") -> list[str]:
    """Cost lines with shares; they add up to the objective. `residual` is the instance's rule for purchases."""
    total = plan.objective_usd
    meaning = MEANING if residual == "annuity" else MEANING | {"residual": "resale and value at the end (negative)"}
    rows = [
        [f"`{name}` – {meaning.get(name, name)}", whole_usd(usd), share(usd / total) if total else "–"]
        for name, usd in plan.cost_lines.items()
        if usd
    ]
    rows.append(["**total = objective**", f"**{exact_usd(total)}**", share(1.0) if total else "–"])
    return [
        "## What it costs",
        "",
        f"Present value to the start of the first period; {RULES[residual]}. Lines that are zero are left out.",
        "",
        *table(["line", "USD", "share"], rows),
    ]
